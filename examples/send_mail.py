"""Send a message. It goes out once, also when this process ends in between, and this waits until it has.

python3 osmen.py run examples/send_mail.py FROM TO
"""

import sys

from integrations import get_integration_layer


def main(account: str, to: str) -> None:
    layer = get_integration_layer()
    sent = layer.send(to, "A word from OsMEN", "Hello,\n\nthis was sent by an example.\n", account=account, wait=30)
    print(f"{sent.state}: from {sent.account} to {to}{f' ({sent.error})' if sent.error else ''}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Say from which account, and to whom: send_mail.py FROM TO")
    main(*sys.argv[1:])
