-- Published releases and nothing else. None exists until one is published.

CREATE TABLE release (
    release_number  integer PRIMARY KEY,
    title           varchar(200) NOT NULL,
    published_on    date NOT NULL
);
