"""How long the pages take to make, with years of meetings behind them."""
