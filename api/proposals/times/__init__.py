"""Times proposed to a circle from what is known of its members, before anybody is asked."""
