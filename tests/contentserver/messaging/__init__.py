"""Tests of `contentserver/messaging`."""
