"""The views: each says which panels it brings and where they stand between header and footer."""
