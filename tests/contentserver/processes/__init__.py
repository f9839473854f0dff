"""Tests of `contentserver/processes`."""
