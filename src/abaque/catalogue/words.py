"""What is wrong in a catalogue file and what to do about it, in English and French."""

from collections.abc import Mapping

_EN: dict[str, str] = {
    "empty": "The file says nothing. Write `meters:`, `plans:` or both.",
    "too_large": "The file is larger than {limit} bytes. Split it: a file may name meters of another one.",
    "too_many_nodes": "Aliases make this file unfold to more than anyone can read. Write the values out.",
    "too_deep": "Too many nested brackets. A catalogue needs six levels at most.",
    "not_utf8": "This byte is not UTF-8. Save the file as UTF-8.",
    "bad_character": "This character cannot stand in a YAML file. Delete it.",
    "tab": "YAML indents with spaces. Replace the tab by spaces.",
    "not_yaml": "This is not YAML: {problem}. Check the indentation, quotes and brackets here and just "
    "above.",
    "not_a_mapping": "Expected keys with values, as in `key: value`, indented by two spaces.",
    "not_a_list": "Expected a list: one line per member, each begun with `- `.",
    "not_a_text": "Expected a single value here, neither a list nor keys.",
    "bad_key": "A key must be a single word.",
    "empty_value": "The value is missing. Write one, or delete the line.",
    "empty_list": "The list is empty. Write at least one member, or delete the line.",
    "bad_text": "The text must be on one line, printable, and at most {limit} characters long.",
    "unknown_key": "Unknown key `{key}`.{hint} Known here: {known}.",
    "duplicate_key": "`{key}` already stands in line {first}. Give each its own name, or delete one.",
    "missing_key": "`{key}:` is missing. Add it.",
    "repeated_value": "`{given}` stands twice in the list. Delete one.",
    "bad_code": "`{given}` cannot be a name in code: begin with a letter a–z, then use at most 62 "
    "letters a–z, digits, `_` or `-`. What people read goes into `name:`.",
    "bad_attribute": "`{given}` is no attribute of an event's data: words without spaces, joined by dots.",
    "bad_number": '`{given}` is not a number. Write digits with a point, such as "0.10"; no comma, '
    "exponent, leading zeros or currency.",
    "not_whole": "`{given}` must be a whole number from {least} to {most}.",
    "negative_price": "A price cannot be below zero: `{given}`.",
    "too_many_digits": "`{given}` is too long for a price: at most 12 digits before and 12 after the point.",
    "negative_allowance": "An allowance cannot be below zero: `{given}`.",
    "unknown_currency": "`{given}` is no currency of ISO 4217.{hint} Write three capitals, such as EUR.",
    "unknown_interval": "`{given}` is no interval.{hint} Write {known}, or {{every: 3, unit: month}}.",
    "unknown_alignment": "`{given}` is no alignment.{hint} Write one of: {known}.",
    "unit_without_quantity": "`unit:` names one of a `quantity:`; a meter has its own. Delete it.",
    "unknown_aggregate": "`{given}` is no way to count.{hint} Write one of: {known}.",
    "unknown_level": "`{given}` is no level.{hint} Write one of: {known}.",
    "nested_personal": "`{given}` is inside another attribute; the door treats whole "
    "attributes. Name the outer one.",
    "unknown_handling": "`{given}` says nothing about personal data.{hint} Write one of: {known}.",
    "unknown_model": "`{given}` is no kind of price.{hint} Write one of: {known}.",
    "unknown_bill": "`{given}` does not say when to bill.{hint} Write one of: {known}.",
    "unknown_prorate": "`{given}` does not say how to prorate.{hint} Write one of: {known}.",
    "value_needed": "`{aggregate}` needs `value:`, the attribute of the event it looks at. Add it.",
    "value_unused": "`{aggregate}` looks at no attribute. Delete `value:`, or write `aggregate: sum`.",
    "operation_unused": "`operation:` goes with count and sum, not with {aggregate}. Delete it.",
    "change_unused": "`change:` goes with unique, not with {aggregate}. Delete it.",
    "level_unused": "`value_is:` goes with latest, time_weighted, max and min, not with {aggregate}. Delete it.",
    "places_and_to": "Quantities are rounded to decimals or to multiples. Delete `places:` or `to:`.",
    "adds_and_removes": "`{given}` cannot both add and remove. Leave it in one of the two lists.",
    "conditions_too_deep": "Conditions may nest {most} deep. Say it with fewer `all:`, `any:` and `not:`.",
    "bad_promotion_code": "`{given}` cannot be a promotion code: at most 63 letters a–z or A–Z, digits, `_` or `-`.",
    "percent_or_amount": "A promotion takes off a percentage or an amount. Write `percent:`, or `amount:` "
    "and `currency:`.",
    "finer_than_currency": "`{given}` has more decimals than {currency}. Round it.",
    "bad_day": "`{given}` is no day. Write it as YYYY-MM-DD.",
    "unknown_zone": "`{given}` is no time zone. Write one as Europe/Paris.",
    "window_reversed": "The promotion ends on {end}, not after {start}. `until:` is the first day without it.",
    "empty_credit": "The credit pack is worth nothing. Write `paid:`, `given:` or both.",
    "top_up_unpaid": "What costs nothing is not bought again by itself. Write `paid:`, or delete `top_up:`.",
    "top_up_over": "The pack is bought again when less than {given} is left, but brings only {worth}. Lower "
    "`top_up:`.",
    "unknown_plan": "No plan is named `{given}`.{hint} Define it under `plans:`, or correct the name.",
    "unknown_charge": "Neither a plan nor an add-on has a charge named `{given}`.{hint} Correct the name.",
    "addon_currency": "The add-on is in {currency}, and the plan `{plan}` in {other}. Take the plan off the "
    "list, or write an add-on in {other}.",
    "addon_charge_taken": "`{owner}` and the add-on `{addon}` may be on one subscription, and both have a "
    "charge named `{charge}`. Give this one another name.",
    "addon_meter_claimed": "`{owner}` and the add-on `{addon}` may be on one subscription, and their charges "
    "`{other}` and `{charge}` both price the meter `{meter}`: each unit would be billed twice. Limit the "
    "add-on to other plans (`plans:`), or make a second meter with another filter (`where:`).",
    "addon_unpublished": "The add-on `{addon}` is read but not published: runs do not bill add-ons yet.",
    "credit_unpublished": "The credit pack `{credit}` is read but not published: runs do not sell credit yet.",
    "promotion_unpublished": "The promotion `{promotion}` is read but not published: runs do not redeem "
    "codes yet.",
    "reserved_event": "Events of type `{given}` correct other events and are never counted. Name "
    "another type.",
    "bad_outcome": "Write `outcome: none` to count whatever the outcome, or {{attribute: outcome, "
    "success: [success]}}.",
    "zone_unused": "Hours are UTC everywhere. Delete `zone:`, or write `grain: day` or `grain: month`.",
    "tolerance_too_fine": "`{given}` is too fine for a tolerance: at most {most} digits after the point.",
    "bad_duration": "`{given}` is no length of time. Write minutes, hours or days up to a year, such as "
    "30min, 24h or 3d.",
    "no_charges": "At least one charge is needed.",
    "unknown_meter": "No meter is named `{given}`.{hint} Define it under `meters:`, or correct the name.",
    "meter_claimed_twice": "The charges `{other}` and `{charge}` both price the meter `{meter}`: each "
    "unit would be billed twice. Delete one, or make a second meter with another filter (`where:`).",
    "flat_with_meter": "A flat price does not depend on usage. Delete `meter:`, or choose another model.",
    "price_needs_meter": "The price of `{charge}` depends on usage. Add `meter:`, or write `model: flat`.",
    "usage_in_advance": "Usage is only known afterwards. Delete `bill:`, or write `bill: arrears`.",
    "allowance_without_meter": "Included units need a meter to count them. Add `meter:`, or delete "
    "`allowance:`.",
    "tiers_out_of_order": "The tier ends at {given}, but the one before already reaches {before}. "
    "Write tiers from the lowest bound to the highest; each begins where the one before ends.",
    "tiers_without_end": "The last tier must be open, or the units above it would have no price. "
    "Delete `up_to:`, or add a tier without it.",
    "tiers_after_end": "This tier is open, so none after it can be reached. Add `up_to:`, or make it "
    "the last.",
    "unit_not_exact": "{given} per {per} has no exact price for one unit: it would need more than 12 decimals. "
    "Choose a price that divides, or let the meter count in larger units.",
    "bound_in_package": "The tier ends at {given}, inside a package of {size}. Bounds count units: write a multiple "
    "of {size}.",
    "not_above_zero": "`{given}` must be above zero.",
    "percent_over_100": "`{given}` is more than 100 %. Write 1.4 for 1.4 %.",
    "not_yes_or_no": "`{given}` is neither `yes` nor `no`. Write one of them.",
    "not_yes_no_number": "`{given}` says nothing about a feature. Write yes, no or a number.",
    "flat_with_quantity": "A flat price does not depend on a quantity. Delete `quantity:`, or write `model: per_unit`.",
    "events_need_meter": "This price is worked out from events. Write `meter:` instead of `quantity:`.",
    "allowance_unwanted": "An allowance does not go with this price. Delete `allowance:`; a percentage has "
    "`free_events:` and `free_amount:`.",
    "seasons_need_months": "`by_month:` goes with a monthly allowance. Delete it, or write `interval: month`.",
    "unknown_word": "`{given}` is not known here.{hint} Write one of: {known}.",
    "bounds_reversed": "The maximum {maximum} is below the minimum {minimum}. Exchange them.",
    "bad_days": "`{given}` is no number of days. Write it as in 14d.",
    "bad_date": "`{given}` is no billing day. Write all of them as MM-DD (each year), or all as YYYY-MM-DD.",
    "dates_out_of_order": "`{given}` does not come after {before}. Write the days from the "
    "first to the last.",
    "dates_and_interval": "A plan is billed on `dates:` or at an `interval:`. Delete one.",
    "cell_width": "The cell has {given} values, and `by:` names {wanted} attributes. Write one "
    "value for each.",
    "cell_claimed_twice": "Two cells price `{cell}`: each unit would have two prices. Delete one.",
    "cell_model": "A cell is priced per_unit, graduated, volume or package. Choose one of these.",
    "quantity_with_meter": "A charge counts with a meter or with a subscribed quantity. Delete "
    "one of the two.",
    "negative_limit": "A limit cannot be below zero: `{given}`.",
    "grace_without_soft": "A hard limit has no grace. Add `soft: yes`, or delete `grace:`.",
    "many_sentences": "Saying what `{plan}` costs and grants takes {needed} sentences, as `abaque catalog "
    "describe` shows; beyond {most}, few customers follow. Fewer charges and terms sell better.",
    "not_metered_yet": "`{what}` uses `{key}`, which the database cannot meter yet. Leave it out of what you "
    "publish.",
    "not_billed_yet": "`{what}` uses `{key}`, which `abaque rate` works out but runs cannot bill yet. Leave it "
    "out of what you publish.",
    "refused": "`{what}` cannot be used ({code}).",
}

_FR: dict[str, str] = {
    "empty": "Le fichier ne dit rien. Écrivez `meters:`, `plans:` ou les deux.",
    "too_large": "Le fichier dépasse {limit} octets. Divisez-le : il peut nommer les compteurs d’un "
    "autre fichier.",
    "too_many_nodes": "Les alias déplient ce fichier au-delà du lisible. Écrivez les valeurs en toutes "
    "lettres.",
    "too_deep": "Trop de crochets imbriqués. Six niveaux suffisent à un catalogue.",
    "not_utf8": "Cet octet n’est pas de l’UTF-8. Enregistrez le fichier en UTF-8.",
    "bad_character": "Ce caractère ne peut pas figurer dans un fichier YAML. Supprimez-le.",
    "tab": "YAML s’indente avec des espaces. Remplacez la tabulation par des espaces.",
    "not_yaml": "Ce n’est pas du YAML : {problem}. Vérifiez l’indentation, les guillemets et les "
    "crochets, ici et juste au-dessus.",
    "not_a_mapping": "On attend ici des clés et des valeurs, comme `clé: valeur`, indentées de deux espaces.",
    "not_a_list": "On attend ici une liste : une ligne par élément, chacune commençant par `- `.",
    "not_a_text": "On attend ici une seule valeur, ni liste ni clés.",
    "bad_key": "Une clé doit être un seul mot.",
    "empty_value": "La valeur manque. Écrivez-la ou supprimez la ligne.",
    "empty_list": "La liste est vide. Écrivez au moins un élément ou supprimez la ligne.",
    "bad_text": "Le texte doit tenir sur une ligne, être imprimable et ne pas dépasser {limit} caractères.",
    "unknown_key": "Clé inconnue : `{key}`.{hint} Connues ici : {known}.",
    "duplicate_key": "`{key}` figure déjà à la ligne {first}. Donnez à chacun son nom ou supprimez "
    "l’un des deux.",
    "missing_key": "Il manque `{key}:`. Ajoutez-le.",
    "repeated_value": "`{given}` figure deux fois dans la liste. Supprimez l’un des deux.",
    "bad_code": "`{given}` ne peut pas servir de nom de code : une lettre a–z, puis au plus 62 lettres "
    "a–z, chiffres, `_` ou `-`. Ce que les gens lisent va dans `name:`.",
    "bad_attribute": "`{given}` n’est pas un attribut des données d’un événement : des mots sans "
    "espaces, reliés par des points.",
    "bad_number": '`{given}` n’est pas un nombre. Écrivez des chiffres et un point, comme "0.10" ; ni '
    "virgule, ni exposant, ni zéros en tête, ni devise.",
    "not_whole": "`{given}` doit être un nombre entier de {least} à {most}.",
    "negative_price": "Un prix ne peut pas être inférieur à zéro : `{given}`.",
    "too_many_digits": "`{given}` est trop long pour un prix : au plus 12 chiffres avant et 12 après "
    "le point.",
    "negative_allowance": "Une quantité incluse ne peut pas être inférieure à zéro : `{given}`.",
    "unknown_currency": "`{given}` n’est pas une devise de la norme ISO 4217.{hint} Écrivez trois "
    "capitales, comme EUR.",
    "unknown_interval": "`{given}` n’est pas une périodicité.{hint} Écrivez {known} ou {{every: 3, "
    "unit: month}}.",
    "unknown_alignment": "`{given}` n’est pas un alignement.{hint} Écrivez l’un de : {known}.",
    "unit_without_quantity": "`unit:` nomme un élément d’une `quantity:` ; un compteur a le sien. Supprimez-le.",
    "unknown_aggregate": "`{given}` n’est pas une façon de compter.{hint} Écrivez l’un de : {known}.",
    "unknown_level": "`{given}` n’est pas un niveau.{hint} Écrivez l’un de : {known}.",
    "nested_personal": "`{given}` est à l’intérieur d’un autre attribut ; l’entrée traite des "
    "attributs entiers. "
    "Nommez l’attribut extérieur.",
    "unknown_handling": "`{given}` ne dit rien des données personnelles.{hint} Écrivez l’un de : {known}.",
    "unknown_model": "`{given}` n’est pas une sorte de prix.{hint} Écrivez l’un de : {known}.",
    "unknown_bill": "`{given}` ne dit pas quand facturer.{hint} Écrivez l’un de : {known}.",
    "unknown_prorate": "`{given}` ne dit pas comment calculer le prorata.{hint} Écrivez l’un de : {known}.",
    "value_needed": "`{aggregate}` a besoin de `value:`, l’attribut de l’événement qu’il regarde. "
    "Ajoutez-le.",
    "value_unused": "`{aggregate}` ne regarde aucun attribut. Supprimez `value:` ou écrivez "
    "`aggregate: sum`.",
    "operation_unused": "`operation:` va avec count et sum, pas avec {aggregate}. Supprimez-le.",
    "change_unused": "`change:` va avec unique, pas avec {aggregate}. Supprimez-le.",
    "level_unused": "`value_is:` va avec latest, time_weighted, max et min, pas avec {aggregate}. Supprimez-le.",
    "places_and_to": "Une quantité s’arrondit à des décimales ou à des multiples. Supprimez `places:` ou `to:`.",
    "adds_and_removes": "`{given}` ne peut pas à la fois ajouter et retirer. Laissez-le dans une seule des "
    "deux listes.",
    "conditions_too_deep": "Les conditions s’imbriquent sur {most} niveaux au plus. Employez moins de `all:`, "
    "`any:` et `not:`.",
    "bad_promotion_code": "`{given}` ne peut pas être un code promotionnel : au plus 63 lettres a–z ou A–Z, "
    "chiffres, `_` ou `-`.",
    "percent_or_amount": "Une promotion retire un pourcentage ou un montant. Écrivez `percent:`, ou bien "
    "`amount:` et `currency:`.",
    "finer_than_currency": "`{given}` a plus de décimales que {currency}. Arrondissez.",
    "bad_day": "`{given}` n’est pas un jour. Écrivez-le en YYYY-MM-DD.",
    "unknown_zone": "`{given}` n’est pas un fuseau horaire. Écrivez par exemple Europe/Paris.",
    "window_reversed": "La promotion finit le {end}, pas après le {start}. `until:` est le premier jour sans elle.",
    "empty_credit": "Le lot de crédit ne vaut rien. Écrivez `paid:`, `given:` ou les deux.",
    "top_up_unpaid": "Ce qui ne coûte rien ne se rachète pas de soi-même. Écrivez `paid:` ou supprimez "
    "`top_up:`.",
    "top_up_over": "Le lot est racheté quand il reste moins de {given}, mais n’apporte que {worth}. Baissez "
    "`top_up:`.",
    "unknown_plan": "Aucune offre ne s’appelle `{given}`.{hint} Définissez-la sous `plans:` ou corrigez le nom.",
    "unknown_charge": "Ni une offre ni une option n’a d’élément tarifaire nommé `{given}`.{hint} Corrigez le nom.",
    "addon_currency": "L’option est en {currency} et l’offre `{plan}` en {other}. Retirez l’offre de la liste "
    "ou écrivez une option en {other}.",
    "addon_charge_taken": "`{owner}` et l’option `{addon}` peuvent être dans un même abonnement, et ont toutes "
    "deux un élément tarifaire nommé `{charge}`. Donnez un autre nom à celui-ci.",
    "addon_meter_claimed": "`{owner}` et l’option `{addon}` peuvent être dans un même abonnement, et leurs "
    "éléments tarifaires `{other}` et `{charge}` portent tous deux sur le compteur `{meter}` : chaque unité "
    "serait facturée deux fois. Limitez l’option à d’autres offres (`plans:`) ou créez un second compteur avec "
    "un autre filtre (`where:`).",
    "addon_unpublished": "L’option `{addon}` est lue mais pas publiée : les traitements ne facturent pas encore "
    "d’options.",
    "credit_unpublished": "Le lot de crédit `{credit}` est lu mais pas publié : les traitements ne vendent pas "
    "encore de crédit.",
    "promotion_unpublished": "La promotion `{promotion}` est lue mais pas publiée : les traitements n’acceptent "
    "pas encore de codes.",
    "reserved_event": "Les événements de type `{given}` en corrigent d’autres et ne sont jamais "
    "comptés. Nommez un autre type.",
    "bad_outcome": "Écrivez `outcome: none` pour compter quel que soit le résultat, ou {{attribute: "
    "outcome, success: [success]}}.",
    "zone_unused": "Les heures sont partout en UTC. Supprimez `zone:`, ou écrivez `grain: day` ou "
    "`grain: month`.",
    "tolerance_too_fine": "`{given}` est trop fin pour une tolérance : au plus {most} chiffres après le point.",
    "bad_duration": "`{given}` n’est pas un délai. Écrivez des minutes, heures ou jours jusqu’à un an, "
    "comme 30min, 24h ou 3d.",
    "no_charges": "Il faut au moins un élément tarifaire.",
    "unknown_meter": "Aucun compteur ne s’appelle `{given}`.{hint} Définissez-le sous `meters:` ou "
    "corrigez le nom.",
    "meter_claimed_twice": "Les éléments tarifaires `{other}` et `{charge}` portent tous deux sur le "
    "compteur `{meter}` : chaque unité serait facturée deux fois. Supprimez l’un des deux ou créez un "
    "second compteur avec un autre filtre (`where:`).",
    "flat_with_meter": "Un prix fixe ne dépend pas de la consommation. Supprimez `meter:` ou "
    "choisissez un autre modèle.",
    "price_needs_meter": "Le prix de `{charge}` dépend de la consommation. Ajoutez `meter:` ou écrivez "
    "`model: flat`.",
    "usage_in_advance": "La consommation n’est connue qu’après coup. Supprimez `bill:` ou écrivez "
    "`bill: arrears`.",
    "allowance_without_meter": "Des unités incluses demandent un compteur. Ajoutez `meter:` ou "
    "supprimez `allowance:`.",
    "tiers_out_of_order": "La tranche finit à {given}, mais la précédente va déjà jusqu’à {before}. "
    "Écrivez les tranches de la plus basse à la plus haute ; chacune commence où finit la précédente.",
    "tiers_without_end": "La dernière tranche doit être ouverte, sinon les unités au-delà n’auraient "
    "pas de prix. Supprimez `up_to:` ou ajoutez une tranche sans lui.",
    "tiers_after_end": "Cette tranche est ouverte : aucune autre ne peut la suivre. Ajoutez `up_to:` "
    "ou placez-la en dernier.",
    "unit_not_exact": "{given} par {per} ne donne pas de prix exact pour une unité : il faudrait plus de 12 "
    "décimales. Choisissez un prix divisible ou un compteur en unités plus grandes.",
    "bound_in_package": "La tranche finit à {given}, à l’intérieur d’un lot de {size}. Les bornes comptent des "
    "unités : écrivez un multiple de {size}.",
    "not_above_zero": "`{given}` doit être supérieur à zéro.",
    "percent_over_100": "`{given}` dépasse 100 %. Écrivez 1.4 pour 1,4 %.",
    "not_yes_or_no": "`{given}` n’est ni `yes` ni `no`. Écrivez l’un des deux.",
    "not_yes_no_number": "`{given}` ne dit rien d’une fonctionnalité. Écrivez yes, no ou un nombre.",
    "flat_with_quantity": "Un prix fixe ne dépend pas d’une quantité. Supprimez `quantity:` ou écrivez "
    "`model: per_unit`.",
    "events_need_meter": "Ce prix se calcule à partir d’événements. Écrivez `meter:` à la place de `quantity:`.",
    "allowance_unwanted": "L’inclus ne va pas avec ce prix. Supprimez `allowance:` ; un pourcentage a "
    "`free_events:` et `free_amount:`.",
    "seasons_need_months": "`by_month:` va avec un inclus mensuel. Supprimez-le ou écrivez `interval: month`.",
    "unknown_word": "`{given}` n’est pas connu ici.{hint} Écrivez l’un de : {known}.",
    "bounds_reversed": "Le maximum {maximum} est inférieur au minimum {minimum}. Échangez-les.",
    "bad_days": "`{given}` n’est pas un nombre de jours. Écrivez par exemple 14d.",
    "bad_date": "`{given}` n’est pas un jour de facturation. Écrivez-les tous en MM-DD (chaque "
    "année), ou tous en YYYY-MM-DD.",
    "dates_out_of_order": "`{given}` ne vient pas après {before}. Écrivez les jours du premier au dernier.",
    "dates_and_interval": "Une offre se facture à des dates (`dates:`) ou selon une "
    "périodicité (`interval:`). Supprimez l’une des deux.",
    "cell_width": "La case a {given} valeurs et `by:` nomme {wanted} attributs. Écrivez une "
    "valeur pour chacun.",
    "cell_claimed_twice": "Deux cases portent sur `{cell}` : chaque unité aurait deux prix. "
    "Supprimez l’une des deux.",
    "cell_model": "Le prix d’une case est per_unit, graduated, volume ou package. Choisissez l’un d’eux.",
    "quantity_with_meter": "Un élément tarifaire compte avec un compteur ou une quantité "
    "souscrite. Supprimez l’un des deux.",
    "negative_limit": "Une limite ne peut pas être inférieure à zéro : `{given}`.",
    "grace_without_soft": "Une limite stricte n’a pas de délai de grâce. Ajoutez `soft: yes` "
    "ou supprimez `grace:`.",
    "many_sentences": "Il faut {needed} phrases pour dire ce que `{plan}` coûte et accorde, comme le montre "
    "`abaque catalog describe` ; au-delà de {most}, peu de clients suivent. Moins d’éléments tarifaires et de "
    "conditions se vendent mieux.",
    "not_metered_yet": "`{what}` emploie `{key}`, que la base ne sait pas encore compter. Retirez-le de ce que "
    "vous publiez.",
    "not_billed_yet": "`{what}` emploie `{key}`, que `abaque rate` sait calculer mais que les traitements ne "
    "facturent pas encore. Retirez-le de ce que vous publiez.",
    "refused": "`{what}` ne peut pas être utilisé ({code}).",
}

_WORDS = {"en": _EN, "fr": _FR}
_HINTS = {"en": " Did you mean `{nearest}`?", "fr": " Vouliez-vous dire `{nearest}` ?"}


def words(code: str, params: Mapping[str, object], language: str) -> str:
    """Return the sentence of an error; `nearest`, if known, is offered as what may have been meant."""
    hint = _HINTS[language].format_map(params) if "nearest" in params else ""
    return _WORDS[language][code].format_map({**params, "hint": hint})
