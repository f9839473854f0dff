"""Tests of `contentserver/documents`."""
