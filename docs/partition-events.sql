-- Divides the table of events by month, on PostgreSQL 15 or newer. Make a backup; stop serve, worker and ingest; then
--     psql -v ON_ERROR_STOP=1 -d yuanjiao -f partition-events.sql
-- One transaction: it is done whole, or not at all. Why and when: scale.md.

BEGIN;
SET LOCAL TimeZone TO 'UTC';
LOCK TABLE events IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events RENAME TO events_whole;
ALTER TABLE events_whole RENAME CONSTRAINT pk_events TO pk_events_whole;
ALTER INDEX ix_events_airing_station RENAME TO ix_events_airing_station_whole;
ALTER INDEX ix_events_station_entered RENAME TO ix_events_station_entered_whole;
ALTER INDEX ix_events_exchanged RENAME TO ix_events_exchanged_whole;

CREATE TABLE events (LIKE events_whole INCLUDING DEFAULTS) PARTITION BY RANGE (at);

-- A box whose clock is wrong may name any month: what fits none is kept here.
CREATE TABLE events_elsewhen PARTITION OF events DEFAULT;

-- Every month from the first event (at most ten years ago) to two years ahead.
DO $$
DECLARE
    month date := (SELECT date_trunc('month', greatest(min(at), now() - interval '10 years')) FROM events_whole);
BEGIN
    month := coalesce(month, date_trunc('month', now()));
    WHILE month < now() + interval '2 years' LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
            'events_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month'
        );
        month := month + interval '1 month';
    END LOOP;
END $$;

INSERT INTO events SELECT * FROM events_whole;

-- A key of a divided table holds what it is divided by. One writer a journal and a look before each insert (attendance)
-- keep (box, epoch, sequence) alone unique, as before.
ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (box_id, epoch, sequence, at);
CREATE INDEX ix_events_airing_station ON events (airing_id, station_id);
CREATE INDEX ix_events_station_entered ON events (box_id, epoch, sequence) WHERE kind = 'station_entered';
CREATE INDEX ix_events_exchanged ON events (kind, received_at) WHERE kind IN
    ('quiz_answered', 'question_asked', 'answer_read', 'notice_read', 'document_read', 'document_replied');

-- Counted and compared before the old table goes: rows, and a sum over every row's hash.
DO $$
DECLARE
    before record;
    after record;
BEGIN
    SELECT count(*) AS rows, sum(hashtextextended(e::text, 0)::numeric) AS hash INTO before FROM events_whole e;
    SELECT count(*) AS rows, sum(hashtextextended(e::text, 0)::numeric) AS hash INTO after FROM events e;
    IF before IS DISTINCT FROM after THEN
        RAISE EXCEPTION 'events differ: % before, % after', before, after;
    END IF;
    RAISE NOTICE 'events: % rows before, % after', before.rows, after.rows;
END $$;

DROP TABLE events_whole;
COMMIT;

ANALYZE events;
