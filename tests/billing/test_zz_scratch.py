import time, json
def test_volume(house):
    from abaque.billing.self_check import self_check, CHECKS
    from abaque.billing import self_check as sc
    house.shop("c0","c1","c2")
    t=time.monotonic()
    for b in range(60):
        house.capture(*(house.event(f"{b}-{n}", f"2026-03-0{1+n%9}T{n%24:02}:{b%60:02}:00Z", subject=f"c{n%3}", document_id=f"k{b}-{n//2}", pages=n) for n in range(1000)))
    print("capture",time.monotonic()-t); t=time.monotonic()
    house.meter(); print("meter",time.monotonic()-t); t=time.monotonic()
    house.seal(); print("seal",time.monotonic()-t)
    for name in CHECKS:
        t=time.monotonic(); sc._ask(name, CHECKS[name]); d=time.monotonic()-t
        if d>.2: print(name, d)
    t=time.monotonic(); print(list(sc._not_what_events_say())); print("recompute",time.monotonic()-t)
    # verified supplement
def test_verified(house):
    from datetime import timedelta
    text = """
meters:
  pages: {name: {en: P, fr: P}, unit: {en: p, fr: p}, event: document.processed, aggregate: sum, value: pages, level: verified}
plans:
  usage:
    version: 1
    name: {en: U, fr: U}
    currency: EUR
    interval: month
    align: calendar
    charges:
      pages: {name: {en: P, fr: P}, meter: pages, price: {model: per_unit, unit: "0.50"}}
"""
    from decimal import Decimal
    from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total
    house.catalogue(text); house.issuer(); house.customer(); house.subscribe(plan="usage")
    house.capture(house.event("1","2026-02-05T10:00:00Z",pages=10)); house.meter()
    house.perform(state_control_total, StateControlTotals((Total("pages",None,house.instant("2026-02-01"),house.instant("2026-03-01"),Decimal(10)),)))
    house.close("2026-03-01")
    house.capture(house.event("2","2026-02-05T10:00:00Z",pages=90))
    house.close("2026-03-01"); house.approve_all()
    print(house.rows("select revision, consistent_at is not null, verified_at is not null from hour"))
    print(house.issue_approved())
