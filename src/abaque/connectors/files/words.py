"""What a reader says of what it could not read, and what to do about it, in English and French."""

from abaque.connectors.files.reading import Broken, Skipped, Unreadable

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "address": "the client's address cannot be read",
        "time": "the time cannot be read; expected [17/May/2015:10:05:03 +0000]",
        "request": "the quoted request is missing or cut off",
        "status": "the status is not a number from 100 to 999",
        "bytes": "the size is neither a number nor -",
        "too_long": "the record is longer than 1 MiB",
        "not_utf8": "the text is not UTF-8; save the file as UTF-8",
        "not_json": "this is not JSON; write one event per line, or one array",
        "not_a_number": "NaN and Infinity are not JSON; leave the attribute out or give a number",
        "repeated_key": "a key stands twice in one object; keep one",
        "too_deep": "too many nested brackets",
        "not_an_event": "an event is a JSON object",
        "unclosed": "the file ends before its last bracket closes; is it complete?",
        "columns": "the row has more or fewer cells than the header",
        "missing_cell": "id, source, type, subject and time must all be filled in",
        "open_quote": "a quote opens here and never closes; the rest of the file was not read",
        "bad_quotes": "a quote inside a quoted cell must be doubled",
        "agent": "left out, as asked for this agent",
        "blank": "nothing on the line",
        "damaged_gzip": "The compressed file is damaged or incomplete ({detail}). Copy it again.",
        "missing_columns": "The first line must name the columns; missing: {columns}. It begins: {found}",
        "repeated_columns": "Columns with the same name or none: {columns}. Give each a name of its own.",
    },
    "fr": {
        "address": "l’adresse du client est illisible",
        "time": "l’heure est illisible ; forme attendue : [17/May/2015:10:05:03 +0000]",
        "request": "la requête entre guillemets est absente ou coupée",
        "status": "le statut n’est pas un nombre de 100 à 999",
        "bytes": "la taille n’est ni un nombre ni -",
        "too_long": "l’enregistrement dépasse 1 Mio",
        "not_utf8": "le texte n’est pas en UTF-8 ; enregistrez le fichier en UTF-8",
        "not_json": "ce n’est pas du JSON ; écrivez un événement par ligne, ou un seul tableau",
        "not_a_number": "NaN et Infinity ne sont pas du JSON ; retirez l’attribut ou donnez un nombre",
        "repeated_key": "une clé figure deux fois dans un même objet ; gardez-en une",
        "too_deep": "trop de crochets imbriqués",
        "not_an_event": "un événement est un objet JSON",
        "unclosed": "le fichier s’arrête avant son dernier crochet fermant ; est-il complet ?",
        "columns": "la ligne a plus ou moins de cellules que l’en-tête",
        "missing_cell": "id, source, type, subject et time doivent tous être renseignés",
        "open_quote": "un guillemet s’ouvre ici et ne se ferme jamais ; la suite du fichier n’a pas été lue",
        "bad_quotes": "dans une cellule entre guillemets, un guillemet doit être doublé",
        "agent": "laissé de côté, comme demandé pour cet agent",
        "blank": "rien sur la ligne",
        "damaged_gzip": "Le fichier compressé est abîmé ou incomplet ({detail}). Copiez-le à nouveau.",
        "missing_columns": "La première ligne doit nommer les colonnes. Manquent : {columns}. Lu : {found}",
        "repeated_columns": "Colonnes de même nom ou sans nom : {columns}. Donnez à chacune son propre nom.",
    },
}


def sentence(what: Broken | Skipped | Unreadable, language: str = "en") -> str:
    """Say why a record or a file could not be read; `language` is `en` or `fr`."""
    words = _WORDS[language]
    if isinstance(what, Unreadable):
        text = words[what.code]
        return text[0].upper() + text.format_map(what.params)[1:]
    return words[what.reason]
