"""How fast the portal is, as ratios to a limit or a peer measured in the same run: ``make bench``. The portal never imports this."""
