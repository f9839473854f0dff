"""Tests of `contentserver/portal`."""
