-- Forgets events older than `before` that are owed to nobody. SECURITY DEFINER: the application's role may add to the
-- stream, never delete from it, except through this door, and what is younger than 7 days stays whoever asks.
CREATE OR REPLACE FUNCTION events_prune(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    before := least(before, now() - interval '7 days');

    DELETE FROM events_delivery USING events_streamevent AS event
    WHERE event_id = event.id AND state IN ('done', 'dropped') AND event.occurred_at < before;

    DELETE FROM events_streamevent AS event
    WHERE event.occurred_at < before AND event.seq IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM events_delivery WHERE event_id = event.id);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END;
$$;
