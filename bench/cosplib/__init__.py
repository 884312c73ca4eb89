"""CoSPLib, the public library of conference schedules: its formats, its objective, our solver."""
