-- Memberships of Organizations that an administrator ended, as the account service tells of them; and whether the person
-- has seen that.
CREATE TABLE membership_end (
    account      TEXT NOT NULL,
    organization TEXT NOT NULL,
    ended_at     TEXT NOT NULL,
    seen         INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1)),
    PRIMARY KEY (account, organization)
) STRICT;
