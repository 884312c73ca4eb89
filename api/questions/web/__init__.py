"""The pages where one asks, answers, thanks and reads what others asked."""
