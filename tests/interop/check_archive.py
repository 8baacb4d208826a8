"""Reads an export archive with programs that aren't ours.

    check_archive.py ARCHIVE.zip JWKS.json

The bag validates with the Library of Congress's `bagit`, calendars load in `icalendar`, contacts in `vobject`, mail in
Python's own `email`, and the signature holds in `jwcrypto`. Prints one JSON object of counts, or fails.
"""

import email
import email.policy
import json
import pathlib
import sys
import tempfile
import zipfile

import bagit
import icalendar
import vobject
from jwcrypto import jwk, jws

SIGNATURE = "signature.jws"


def calendars(root):
    events = 0
    for path in sorted(root.rglob("*.ics")):
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        for event in calendar.walk("VEVENT"):
            assert event.get("SUMMARY") is not None, path
            assert event.decoded("DTSTART") is not None, path
            events += 1
        vobject.readOne(path.read_text(encoding="utf-8"))
    return events


def contacts(root):
    cards = 0
    for path in sorted(root.rglob("*.vcf")):
        for card in vobject.readComponents(path.read_text(encoding="utf-8")):
            assert card.fn.value, path
            cards += 1
    return cards


def mail(root):
    letters = 0
    for path in sorted(root.rglob("*.eml")):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert not letter.defects, (path, letter.defects)
        assert letter["From"] and letter["Date"], path
        body = letter.get_body(preferencelist=("plain", "html"))
        assert body is not None and body.get_content(), path
        letters += 1
    return letters


def signature(bag, keys):
    with open(keys, encoding="utf-8") as file:
        known = jwk.JWKSet.from_json(file.read())
    token = jws.JWS()
    token.allowed_algs = ["EdDSA"]
    token.deserialize((bag / SIGNATURE).read_text(encoding="ascii").strip())
    token.verify(known.get_key(token.jose_header["kid"]))
    signed = (bag / "tagmanifest-sha256.txt").read_bytes()
    assert token.payload == signed, "it signs something else"
    return token.jose_header["kid"]


def main(archive, keys):
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as packed:
            assert packed.testzip() is None
            packed.extractall(folder)
        roots = [path.parent for path in pathlib.Path(folder).rglob("bagit.txt")]
        assert len(roots) == 1, roots
        bag = roots[0]
        bagit.Bag(str(bag)).validate()
        found = {
            "events": calendars(bag / "data"),
            "contacts": contacts(bag / "data"),
            "letters": mail(bag / "data"),
            "kid": signature(bag, keys),
        }
        print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
