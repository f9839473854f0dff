"""Tests of `contentserver/forum`."""
