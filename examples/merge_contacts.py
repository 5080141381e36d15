"""Bring the people who are only in Google's address book into Outlook's, and say what does not fit.

python3 osmen.py run examples/merge_contacts.py [MOST]
"""

import sys

from integrations import get_integration_layer
from integrations.convert import contact_to_microsoft


def main(most: str = "5") -> None:
    layer = get_integration_layer()
    outlook = layer.get_microsoft_contacts()
    known = {
        email["address"].casefold()
        for contact in outlook.iter_contacts()
        for email in contact.get("emailAddresses") or ()
    }
    added = 0
    for person in layer.get_google_contacts().iter_contacts():
        emails = [email["value"].casefold() for email in person.get("emailAddresses") or ()]
        if not emails or known.intersection(emails):
            continue
        if added == int(most):
            break
        converted = contact_to_microsoft(person)
        made = outlook.create_contact(converted.value)
        added += 1
        without = f", without {', '.join(converted.lost)}" if converted.lost else ""
        print(f"Added {made['displayName']}{without}")
    print(f"{added} added")


if __name__ == "__main__":
    main(*sys.argv[1:2])
