"""Microsoft: accounts of Outlook.com and Microsoft 365, through Microsoft Graph."""
