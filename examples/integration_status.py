"""What is connected, how fresh it is, and what to do where something is wrong.

python3 osmen.py run examples/integration_status.py
"""

from integrations import get_integration_layer


def main() -> None:
    layer = get_integration_layer()
    status = layer.get_integration_status()
    for name, provider in status["providers"].items():
        print(f"{name}: {'set up' if provider['configured'] else 'not set up'}, {provider['connected']} connected")
    for connection in status["connections"]:
        print(f"\n{connection['account']} ({connection['provider']}): {connection['state']}")
        for service in connection["services"]:
            print(f"  {service['service']}: {service['state']}, {service['count']} items")
            if service["remedy"]:
                print(f"    {service['remedy']}")


if __name__ == "__main__":
    main()
