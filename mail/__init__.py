"""Mail: folders, threads and messages of all accounts; reads, edits and pages."""
