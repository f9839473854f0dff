"""Who sees and changes what: every route, asked by everybody, about what lies elsewhere and at home."""
