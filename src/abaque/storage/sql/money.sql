-- What PostgreSQL itself knows about money.

-- Postings of an entry sum to zero per currency, checked when the transaction commits.
CREATE FUNCTION abaque_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM posting WHERE entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'entry % does not sum to zero', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT OR UPDATE ON posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION abaque_entry_balances();

-- What is issued, posted or stored as a document is never changed, only added to.
CREATE FUNCTION abaque_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER posting_is_final BEFORE UPDATE OR DELETE ON posting
    FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change();
CREATE TRIGGER entry_is_final BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change();
CREATE TRIGGER document_is_final BEFORE UPDATE OR DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change();
CREATE TRIGGER issued_is_final BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION abaque_refuse_change();
CREATE TRIGGER plan_version_is_final BEFORE UPDATE OR DELETE ON plan_version
    FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change();
CREATE TRIGGER action_is_final BEFORE UPDATE OR DELETE ON action
    FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change();

CREATE FUNCTION abaque_line_of_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM invoice WHERE id IN (OLD.invoice_id, NEW.invoice_id) AND state = 'issued') THEN
        RAISE EXCEPTION 'lines of an issued invoice are never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER line_is_final BEFORE INSERT OR UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION abaque_line_of_issued();
