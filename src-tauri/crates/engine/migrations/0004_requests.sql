-- Requests a person makes by e-mail: what was asked, of whom, under which law, and what they say came back. `body` is JSON.
-- It holds neither name nor address nor what they wrote: the letter lies in their mail.
CREATE TABLE rights_request (
    id   TEXT PRIMARY KEY,
    at   TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
