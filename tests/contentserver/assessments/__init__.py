"""Tests of `contentserver/assessments`."""
