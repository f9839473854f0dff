"""Tests of `contentserver/projects`."""
