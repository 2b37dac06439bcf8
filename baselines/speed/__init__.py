"""Speed measurements, each beside a peer or a floor."""
