"""Tests of `contentserver/ledger`."""
