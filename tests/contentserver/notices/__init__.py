"""Tests of `contentserver/notices`."""
