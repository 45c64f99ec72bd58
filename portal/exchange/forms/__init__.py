"""Forms of workbooks that come in and lists that go out."""
