-- What is held about people besides the tables before. Everything names its account, so that it can be found, copied
-- and deleted by it.

CREATE TABLE items (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    -- Of the inventory.
    category   TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    -- What it lies in, by the name people know it by: a chat, a notebook. Empty where there is no such thing.
    collection TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    -- What it says, as JSON.
    says       TEXT   NOT NULL,
    PRIMARY KEY (account_id, category, id)
);
CREATE INDEX items_in_order ON items (account_id, category, collection, at, id);

-- Files that belong to items. Their bytes lie in the object folder, at <account>/<category>/<number>.
CREATE TABLE objects (
    account_id TEXT   NOT NULL,
    category   TEXT   NOT NULL,
    -- Counts from 1 within account and category.
    number     BIGINT NOT NULL,
    item_id    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    -- As its owner named it: any text.
    name       TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    bytes      BIGINT NOT NULL,
    sha256     TEXT   NOT NULL,
    PRIMARY KEY (account_id, category, number),
    FOREIGN KEY (account_id, category, item_id) REFERENCES items (account_id, category, id)
);
CREATE INDEX objects_by_item ON objects (account_id, category, item_id);

-- Which accounts were furnished with made-up things, so that what was done with them since stays.
CREATE TABLE furnished (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id)
);
