"""How a guest gets in and whom to ring: said on the guest's page and in the guest's calendar."""
