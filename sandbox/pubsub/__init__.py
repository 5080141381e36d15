"""The sandbox's Cloud Pub/Sub, as much as Gmail's notifications need: topics, push and pull subscriptions, and the
service accounts that read them. Retention filters, ordering, snapshots and schemas are left out.
"""
