-- The ledger's law, for every path that can reach the tables.
--
-- PM003: a posting, leg, invoice or invoice line was to be changed or deleted.
-- PM004: at commit, the legs of a posting do not balance, or it has none.
CREATE FUNCTION folios_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % was refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'PM003';
END;
$$;

CREATE TRIGGER folios_posting_append_only BEFORE UPDATE OR DELETE ON folios_posting
FOR EACH ROW EXECUTE FUNCTION folios_refuse_change();
CREATE TRIGGER folios_leg_append_only BEFORE UPDATE OR DELETE ON folios_leg
FOR EACH ROW EXECUTE FUNCTION folios_refuse_change();
CREATE TRIGGER folios_invoice_append_only BEFORE UPDATE OR DELETE ON folios_invoice
FOR EACH ROW EXECUTE FUNCTION folios_refuse_change();
CREATE TRIGGER folios_invoiceline_append_only BEFORE UPDATE OR DELETE ON folios_invoiceline
FOR EACH ROW EXECUTE FUNCTION folios_refuse_change();

-- Deferred: the legs of a posting are inserted after it, so balance can only be judged at commit.
CREATE FUNCTION folios_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- A leg names its posting; a posting is its own subject.
    subject bigint := coalesce((to_jsonb(NEW) ->> 'posting_id')::bigint, NEW.id);
    debits numeric;
    credits numeric;
    legs integer;
BEGIN
    SELECT coalesce(sum(debit), 0), coalesce(sum(credit), 0), count(*) INTO debits, credits, legs
    FROM folios_leg WHERE posting_id = subject;
    IF legs = 0 OR debits <> credits THEN
        RAISE EXCEPTION 'posting % is not balanced: debit %, credit %', subject, debits, credits
            USING ERRCODE = 'PM004';
    END IF;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER folios_posting_balanced AFTER INSERT ON folios_posting
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION folios_balanced();
CREATE CONSTRAINT TRIGGER folios_leg_balanced AFTER INSERT ON folios_leg
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION folios_balanced();
