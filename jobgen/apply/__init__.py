"""Plans onto the disk: all or nothing, with a receipt that undoes them."""
