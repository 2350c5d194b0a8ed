"""SCIM 2.0: an identity provider manages the people and groups of one tenant."""
