"""Many members: regions solved one by one on any executor, and one bound over all of them."""
