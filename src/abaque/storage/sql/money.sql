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

-- A line of a credit note gives back part of a line of the invoice that its note corrects, at the same rate. What is
-- credited never exceeds the invoice: per line, in net, in tax and in gross; checked when the transaction commits.
CREATE FUNCTION abaque_credits_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE note bigint;
BEGIN
    IF TG_TABLE_NAME = 'invoice' THEN note := NEW.id; ELSE note := NEW.invoice_id; END IF;
    IF EXISTS (
        SELECT FROM invoice n JOIN invoice_line l ON l.invoice_id = n.id LEFT JOIN invoice_line o ON o.id = l.credits_id
        WHERE n.id = note AND (n.kind <> 'credit_note' OR
              (o.invoice_id, o.subscription_id, o.charge, o.span_start, o.revision, o.tax_category, o.tax_percent)
              IS DISTINCT FROM
              (n.corrects_id, l.subscription_id, l.charge, l.span_start, l.revision, l.tax_category, l.tax_percent))
    ) OR EXISTS (
        SELECT FROM invoice_line l JOIN invoice_line o ON o.id = l.credits_id
        JOIN invoice_line every ON every.credits_id = o.id
        WHERE l.invoice_id = note GROUP BY l.id, o.net HAVING sum(every.net) NOT BETWEEN 0 AND o.net
    ) OR EXISTS (
        SELECT FROM invoice n JOIN invoice i ON i.id = n.corrects_id JOIN invoice every ON every.corrects_id = i.id
        WHERE n.id = note GROUP BY i.id
        HAVING i.state <> 'issued' OR i.kind = 'credit_note' OR bool_or(every.currency <> i.currency)
            OR sum(every.net) > i.net OR sum(every.tax) > i.tax OR sum(every.gross) > i.gross
    ) THEN
        RAISE EXCEPTION 'credit note % gives back what its invoice has not', note USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credit_note_within AFTER INSERT OR UPDATE ON invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'credit_note')
    EXECUTE FUNCTION abaque_credits_within();
CREATE CONSTRAINT TRIGGER credit_line_within AFTER INSERT OR UPDATE ON invoice_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.credits_id IS NOT NULL)
    EXECUTE FUNCTION abaque_credits_within();
