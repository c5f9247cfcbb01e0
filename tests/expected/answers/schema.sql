CREATE TABLE "themes" ("id" text primary key not null, "label" text not null, "alternative_labels" text, "labels" text, "scope_note" text not null, "broader" text references "themes"(id), "since" integer, "pack" text)
CREATE INDEX "idx_themes_broader" on "themes" ("broader")
CREATE VIRTUAL TABLE "themes_fts" using fts5("id", "label", "alternative_labels", "labels", "scope_note", "broader", "pack", content="themes", tokenize='unicode61 remove_diacritics 2')
CREATE TABLE "sessions_organisers" ("sessions" text not null references "sessions"(id), "organisers" text not null references "organizations"(id), primary key ("sessions", "organisers"))
CREATE INDEX "idx_sessions_organisers_sessions" on "sessions_organisers" ("sessions")
CREATE INDEX "idx_sessions_organisers_organisers" on "sessions_organisers" ("organisers")
CREATE TABLE "statistics" ("id" text primary key not null, "session" text, "year" integer not null, "value" text not null, "number" real, "unit" text, "what" text not null, "period" text, "area" text, "source" text, "footnote" text, "caveat" text, "themes" text, "document" text not null, "section" text not null, "item" text, "pack" text)
CREATE VIRTUAL TABLE "statistics_fts" using fts5("id", "session", "value", "unit", "what", "period", "area", "source", "footnote", "caveat", "themes", "document", "section", "item", "pack", content="statistics", tokenize='unicode61 remove_diacritics 2')
CREATE TABLE "organizations" ("id" text primary key not null, "name" text not null, "acronym" text, "kind" text not null, "country" text, "part_of" text references "organizations"(id), "aliases" text, "pack" text)
CREATE INDEX "idx_organizations_part_of" on "organizations" ("part_of")
CREATE VIRTUAL TABLE "organizations_fts" using fts5("id", "name", "acronym", "kind", "country", "part_of", "aliases", "pack", content="organizations", tokenize='unicode61 remove_diacritics 2')
CREATE TABLE "threads_followed_by" ("threads" text not null references "threads"(id), "followed_by" text not null references "threads"(id), primary key ("threads", "followed_by"))
CREATE INDEX "idx_threads_followed_by_threads" on "threads_followed_by" ("threads")
CREATE INDEX "idx_threads_followed_by_followed_by" on "threads_followed_by" ("followed_by")
CREATE TABLE "threads" ("id" text primary key not null, "label" text not null, "themes" text, "summary" text not null, "followed_by" text, "pack" text)
CREATE VIRTUAL TABLE "threads_fts" using fts5("id", "label", "themes", "summary", "followed_by", "pack", content="threads", tokenize='unicode61 remove_diacritics 2')
CREATE TABLE about (row integer primary key, heading text not null, text text not null)

Question: Tables of the knowledge base: all
Command: cthbkb export --table organizations --table sessions_organisers --table statistics --table themes --table threads --table threads_followed_by /base.db
Data: data DATA, PROGRAM
Written on: 2033-05-18
Wording: Items, remarks and figures are summarised in our own words, with the force and the subject of the source; to quote, use the document. The publisher has neither written nor endorsed the summaries.
Absence: What is missing here is missing only from these documents: each conference had its own subject.
Acknowledgement: Source: Harbour Forum Secretariat, Highlights of the 1st Harbour Forum (Port Lull, 2031). Free to copy if the secretariat is named.
Acknowledgement: Source: Harbour Forum Secretariat, 2nd Harbour Forum. Concept note (for 2-3 May 2033). The document prints no terms of reuse.
Acknowledgement: Source: Harbour Forum Secretariat, Highlights of the 2nd Harbour Forum (Port Lull, 2033). The document prints no terms of reuse.
Acknowledgement: Source: Harbour Forum Secretariat, Report of the year 2033 (Port Lull). The document prints no terms of reuse.
Acknowledgement: Source: Harbour Forum Secretariat, Conclusions from the 3rd Harbour Forum (Łebsk, 2035). The document prints no terms of reuse.
