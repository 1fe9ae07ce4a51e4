-- Stock of rooms that are made of others (docs/adr/0022): what they take from the types of their parts, and
-- what parts that are sold take from theirs.
--
-- A suite counts in its own type, its parts in theirs, the house counts beds once: parts, not suites. In a night a
-- suite is
--   whole   a stay is planned into it: its parts are bound, in the house all but the one that the stay counts;
--   broken  a stay is planned into a part, or a part is out of order: the suite itself is bound;
--   open    otherwise. If the rooms of its type that are made of nothing are all sold, stays without a room need it: it
--           is drawn and counts as whole. If the types of its parts are so far sold that a part is needed, it counts as
--           broken. Else it can be sold either way and nothing is bound.
-- Suites are judged in house order and each keeps its parts from the next, so what is left is there at once: never too
-- much, at worst too little where suites of one type are made of different types.

-- Returns `counts` with `more`, taken `times`, added key by key.
CREATE FUNCTION inventory_sum(counts jsonb, more jsonb, times integer DEFAULT 1) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT counts || coalesce((
        SELECT jsonb_object_agg(key, coalesce((counts ->> key)::integer, 0) + times * value::integer)
        FROM jsonb_each_text(more)
    ), '{}');
$$;

-- Returns the rooms made of others: of which type they are in the night, what of, and in what state.
CREATE FUNCTION inventory_suites(of_property uuid, of_night date)
RETURNS TABLE (suite_kind text, suite_state text, suite_parts jsonb, suite_size integer)
LANGUAGE sql VOLATILE AS $$
    WITH rooms AS (
        SELECT room.id, room.part_of_id, room.sort_key, coalesce(span.room_type_id, room.room_type_id)::text AS kind,
               EXISTS (
                   SELECT FROM reservations_roomassignment AS planned
                   WHERE planned.room_id = room.id AND planned.active AND planned.part_of_id IS NULL
                         AND planned.nights @> of_night
               ) AS taken,
               EXISTS (
                   SELECT FROM reservations_outoforder AS closed
                   WHERE closed.room_id = room.id AND closed.active AND closed.kind = 'out_of_order'
                         AND closed.nights @> of_night
               ) AS shut
        FROM properties_room AS room
        LEFT JOIN properties_roomtypespan AS span ON span.room_id = room.id AND span.days @> of_night
        WHERE room.property_id = of_property AND room.archived_at IS NULL
              AND (room.part_of_id IS NOT NULL OR room.parts <> '{}')
    ), by_kind AS (
        SELECT part_of_id, kind, count(*) AS rooms, bool_or(taken OR shut) AS used
        FROM rooms WHERE part_of_id IS NOT NULL GROUP BY part_of_id, kind
    ), made AS (
        SELECT part_of_id, jsonb_object_agg(kind, rooms) AS parts, sum(rooms)::integer AS size, bool_or(used) AS used
        FROM by_kind GROUP BY part_of_id
    )
    SELECT suite.kind, CASE WHEN suite.taken THEN 'whole' WHEN made.used THEN 'broken' ELSE 'open' END,
           made.parts, made.size
    FROM rooms AS suite JOIN made ON made.part_of_id = suite.id
    ORDER BY suite.sort_key, suite.id;
$$;

-- Returns how many rooms are bound in a night: per type, and for the house (type NULL).
CREATE FUNCTION inventory_bound(of_property uuid, of_night date)
RETURNS TABLE (bound_kind uuid, bound_rooms integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    suite record;
    binds jsonb := '{}';
    house integer := 0;
    spare jsonb;
    need jsonb;
    fits boolean;
BEGIN
    FOR suite IN SELECT * FROM inventory_suites(of_property, of_night) WHERE suite_state = 'whole' LOOP
        binds := inventory_sum(binds, suite.suite_parts);
        house := house + suite.suite_size - 1;
    END LOOP;

    -- Of each type: rooms to spare without opening a suite, and stays that only suites can take.
    SELECT coalesce(jsonb_object_agg(kind, plain + whole - demand), '{}'),
           coalesce(jsonb_object_agg(kind, demand - whole - plain), '{}')
    INTO spare, need
    FROM (
        SELECT counter.room_type_id::text AS kind, counter.sold + counter.block + counter.hold AS demand,
               coalesce(suites.whole, 0) AS whole,
               counter.physical - counter.out_of_order - coalesce(suites.rooms, 0)
               - coalesce((binds ->> counter.room_type_id::text)::integer, 0) AS plain
        FROM reservations_roomtypenight AS counter
        LEFT JOIN (
            SELECT suite_kind, count(*)::integer AS rooms,
                   (count(*) FILTER (WHERE suite_state = 'whole'))::integer AS whole
            FROM inventory_suites(of_property, of_night) GROUP BY suite_kind
        ) AS suites ON suites.suite_kind = counter.room_type_id::text
        WHERE counter.property_id = of_property AND counter.night = of_night AND counter.room_type_id IS NOT NULL
    ) AS kinds;

    FOR suite IN SELECT * FROM inventory_suites(of_property, of_night) WHERE suite_state <> 'whole' LOOP
        SELECT bool_and(coalesce((spare ->> key)::integer, 0) >= value::integer) INTO fits
        FROM jsonb_each_text(suite.suite_parts);
        IF suite.suite_state = 'broken' OR NOT fits THEN
            binds := inventory_sum(binds, jsonb_build_object(suite.suite_kind, 1));
            CONTINUE;
        END IF;
        spare := inventory_sum(spare, suite.suite_parts, -1);
        IF (need ->> suite.suite_kind)::integer > 0 THEN
            need := inventory_sum(need, jsonb_build_object(suite.suite_kind, 1), -1);
            binds := inventory_sum(binds, suite.suite_parts);
            house := house + suite.suite_size - 1;
        END IF;
    END LOOP;

    RETURN QUERY SELECT key::uuid, value::integer FROM jsonb_each_text(binds)
                 UNION ALL SELECT NULL, house;
END;
$$;

-- Brings `bound` of these nights up to date and returns the counters that changed, with what is left of each. Refused
-- (PM001) unless forced where more would be bound than is left.
CREATE FUNCTION inventory_rebind(of_property uuid, of_nights date[], is_forced boolean DEFAULT false)
RETURNS TABLE (moved_type uuid, moved_night date, left_over integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    that_night date;
    counter record;
    room integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('inventory:' || of_property::text, 0));
    FOREACH that_night IN ARRAY of_nights LOOP
        FOR counter IN
            SELECT stock.*, coalesce(fresh.bound_rooms, 0) AS now_bound
            FROM reservations_roomtypenight AS stock
            LEFT JOIN inventory_bound(of_property, that_night) AS fresh
                 ON fresh.bound_kind IS NOT DISTINCT FROM stock.room_type_id
            WHERE stock.property_id = of_property AND stock.night = that_night
                  AND stock.bound <> coalesce(fresh.bound_rooms, 0)
            ORDER BY stock.room_type_id NULLS LAST
        LOOP
            room := counter.physical + counter."limit" - counter.sold - counter.block - counter.hold
                  - counter.out_of_order - counter.now_bound;
            IF NOT is_forced AND room < 0 AND counter.now_bound > counter.bound THEN
                RAISE EXCEPTION 'no room left' USING ERRCODE = 'PM001',
                    DETAIL = json_build_object('type', counter.room_type_id, 'night', that_night, 'left', room)::text;
            END IF;
            UPDATE reservations_roomtypenight SET bound = counter.now_bound, forced = greatest(0, -room)
            WHERE id = counter.id;
            moved_type := counter.room_type_id; moved_night := that_night; left_over := room;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END;
$$;

-- The guard as in inventory.sql; a hotel with rooms made of others is judged once everything has moved.
CREATE OR REPLACE FUNCTION inventory_move(of_property uuid, moves jsonb, is_forced boolean DEFAULT false)
RETURNS TABLE (moved_type uuid, moved_night date, left_over integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    step record;
    counter reservations_roomtypenight%ROWTYPE;
    used integer;
    room integer;
    takes boolean;
    any_takes boolean := false;
    has_suites boolean;
    takers jsonb := '[]';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('inventory:' || of_property::text, 0));
    has_suites := EXISTS (
        SELECT FROM properties_room WHERE property_id = of_property AND part_of_id IS NOT NULL AND archived_at IS NULL
    );

    FOR step IN
        WITH wanted AS (
            SELECT (move ->> 'type')::uuid AS kind, (move ->> 'night')::date AS night,
                   move ->> 'part' AS part, (move ->> 'by')::integer AS by
            FROM jsonb_array_elements(moves) AS move
        ), both_rows AS (
            SELECT kind, night, part, by FROM wanted
            UNION ALL
            SELECT NULL, night, part, by FROM wanted WHERE kind IS NOT NULL AND part <> 'limit'
        )
        SELECT kind, night,
               coalesce(sum(by) FILTER (WHERE part = 'physical'), 0)::integer AS physical,
               coalesce(sum(by) FILTER (WHERE part = 'out_of_order'), 0)::integer AS out_of_order,
               coalesce(sum(by) FILTER (WHERE part = 'sold'), 0)::integer AS sold,
               coalesce(sum(by) FILTER (WHERE part = 'block'), 0)::integer AS block,
               coalesce(sum(by) FILTER (WHERE part = 'hold'), 0)::integer AS hold,
               coalesce(sum(by) FILTER (WHERE part = 'limit'), 0)::integer AS allowance
        FROM both_rows
        GROUP BY kind, night
        ORDER BY kind NULLS LAST, night
    LOOP
        SELECT * INTO counter FROM reservations_roomtypenight
        WHERE property_id = of_property AND room_type_id IS NOT DISTINCT FROM step.kind AND night = step.night
        FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no inventory' USING ERRCODE = 'PM002',
                DETAIL = json_build_object('type', step.kind, 'night', step.night)::text;
        END IF;

        used := counter.sold + step.sold + counter.block + step.block + counter.hold + step.hold
              + counter.out_of_order + step.out_of_order + counter.bound;
        room := counter.physical + step.physical + counter."limit" + step.allowance;
        takes := step.sold + step.block + step.hold + step.out_of_order - step.physical - step.allowance > 0;
        any_takes := any_takes OR takes;

        -- Only what takes is judged: what frees always passes.
        IF NOT is_forced AND NOT has_suites AND takes AND used > room THEN
            RAISE EXCEPTION 'no room left' USING ERRCODE = 'PM001',
                DETAIL = json_build_object('type', step.kind, 'night', step.night, 'left',
                    room - (used - step.sold - step.block - step.hold - step.out_of_order))::text;
        END IF;
        IF takes THEN
            takers := takers || to_jsonb(counter.id);
        END IF;

        UPDATE reservations_roomtypenight SET
            physical = counter.physical + step.physical,
            out_of_order = counter.out_of_order + step.out_of_order,
            sold = counter.sold + step.sold,
            block = counter.block + step.block,
            hold = counter.hold + step.hold,
            "limit" = counter."limit" + step.allowance,
            forced = greatest(0, used - room)
        WHERE id = counter.id;

        moved_type := step.kind; moved_night := step.night; left_over := room - used;
        RETURN NEXT;
    END LOOP;

    IF NOT has_suites THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT * FROM inventory_rebind(of_property, ARRAY(
            SELECT DISTINCT (move ->> 'night')::date FROM jsonb_array_elements(moves) AS move ORDER BY 1
        ), is_forced OR NOT any_takes);
    IF NOT is_forced THEN
        SELECT * INTO counter FROM reservations_roomtypenight
        WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text(takers)) AND forced > 0
        ORDER BY room_type_id NULLS LAST, night LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'no room left' USING ERRCODE = 'PM001',
                DETAIL = json_build_object('type', counter.room_type_id, 'night', counter.night,
                                           'left', -counter.forced)::text;
        END IF;
    END IF;
END;
$$;
