"""Save the attachments of the newest messages that match, from Gmail and Outlook alike.

python3 osmen.py run examples/save_attachments.py [FOLDER]
"""

import sys
from pathlib import Path

from integrations import get_integration_layer


def main(folder: str = "attachments") -> None:
    layer = get_integration_layer()
    files: list[tuple[str, bytes]] = []
    gmail = layer.get_google_gmail()
    for message in gmail.list_messages("has:attachment", max_results=3):
        for one in gmail.list_attachments(message["id"]):
            files.append((one["filename"], gmail.get_attachment(message["id"], one["part_id"])))
    outlook = layer.get_outlook_mail()
    for message in outlook.list_messages("inbox", 3, "hasAttachments eq true"):
        for one in outlook.list_attachments(message["id"]):
            files.append((one["name"], outlook.get_attachment(message["id"], one["id"])))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number, (name, content) in enumerate(files, 1):
        # A sender chose the name: only its last part is used, and two of the same name are kept apart.
        Path(folder, f"{number:02} {Path(name).name}").write_bytes(content)
    print(f"{len(files)} files in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
