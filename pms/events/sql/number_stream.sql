-- Numbers the rows of a transaction at its commit.
--
-- The triggers are deferred, so numbering is the last thing that happens on every path (services, admin, shell): a long
-- night audit never holds a head while it works. A row with seq NULL that a transaction can see is its own, because
-- committed rows are always numbered; so "all of this transaction" is simply "seq IS NULL". The first firing numbers
-- them all, the rest find nothing. Heads are locked in property order: two transactions over several hotels cannot
-- deadlock. (Measured in performance.md: taking the head at publish time deadlocked 524 of 1,200.)
--
-- Two steps, because "deferred" alone is not "last": foreign keys are checked at commit too, those of rows that were
-- written after the first news behind it in the queue, and such a check may wait for a row that somebody else locked
-- FOR UPDATE. With the head in hand that would hold up the hotel, or deadlock if the other one has news as well. So
-- the first trigger only touches the last row of the transaction; that queues the second behind all other checks.
--
-- A delivery carries the number of its event, so that the first of a lane is one look into an index.
--
-- SECURITY DEFINER: the application's role may not UPDATE the stream, its numbering may.
DROP TRIGGER IF EXISTS events_number_last ON events_streamevent;
DROP TRIGGER IF EXISTS events_number_stream ON events_streamevent;

CREATE OR REPLACE FUNCTION events_number_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE events_streamevent SET seq = NULL
    WHERE id = NEW.id AND id = (SELECT max(id) FROM events_streamevent WHERE seq IS NULL);
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION events_number_stream() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    touched record;
    last bigint;
    numbered bigint[];
BEGIN
    FOR touched IN
        SELECT property_id, count(*) AS news FROM events_streamevent WHERE seq IS NULL
        GROUP BY property_id ORDER BY property_id
    LOOP
        INSERT INTO events_streamhead AS head (property_id, seq, epoch)
        VALUES (touched.property_id, touched.news, gen_random_uuid())
        ON CONFLICT (property_id) DO UPDATE SET seq = head.seq + touched.news
        RETURNING head.seq INTO last;

        SELECT array_agg(id ORDER BY id) INTO numbered
        FROM events_streamevent WHERE seq IS NULL AND property_id = touched.property_id;

        UPDATE events_streamevent AS event SET seq = last - touched.news + own.place
        FROM unnest(numbered) WITH ORDINALITY AS own (id, place)
        WHERE event.id = own.id;

        UPDATE events_delivery AS delivery SET seq = last - touched.news + own.place
        FROM unnest(numbered) WITH ORDINALITY AS own (id, place)
        WHERE delivery.event_id = own.id;
    END LOOP;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER events_number_last
AFTER INSERT ON events_streamevent
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION events_number_last();

CREATE CONSTRAINT TRIGGER events_number_stream
AFTER UPDATE ON events_streamevent
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION events_number_stream();
