"""The pages of mail: thin; what they show is read by ``mail.queries``, what they change is done by ``mail.actions``."""
