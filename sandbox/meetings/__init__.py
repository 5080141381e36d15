"""Invitations, changes, cancellations and answers on their way between calendars: iTIP in mail (RFC 5546, RFC 6047).

``itip`` writes the object, ``letters`` the mail around it, ``arrived`` reads what came. What a vendor says to its
guests, and what an arriving mail does to a calendar, is left to that vendor.
"""
