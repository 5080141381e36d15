"""Reads of people. Always through their owner; nothing here touches the network."""
