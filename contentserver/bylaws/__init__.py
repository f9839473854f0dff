"""Bylaws: what a region lays down for itself, as documents with versions. Front door for the slices above.

A slice says what its documents are (`Bylaws`) and which page they have (`pages`): kinds of entries of the work book,
schemes of assessment.
"""

from contentserver.bylaws.desk import pages
from contentserver.bylaws.rules import Law
from contentserver.bylaws.service import CODE, LARGEST_REGION_DIGITS, Bylaws, InForce, may_govern, quoted, wrong

__all__ = ["CODE", "LARGEST_REGION_DIGITS", "Bylaws", "InForce", "Law", "may_govern", "pages", "quoted", "wrong"]
