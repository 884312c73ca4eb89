"""Who is to be put in peer networks, what is known of them and what is wished; knows no solver."""
