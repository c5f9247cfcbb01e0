"""The questions of the start page: each is a query with parameters on the views of the lists.

An empty parameter means any value. The queries use no functions of the program, so that they can be copied into any
other SQL tool.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHANGE", "CHOICES", "QUESTIONS", "Question"]

CHANGE = "Change over the years"
"""The group of questions that comparisons answer too."""


class Question:
    """A query: `title` is the question, `about` describes the rows, `example` has values that find some."""

    __slots__ = ("about", "example", "group", "name", "sql", "title")

    def __init__(
        self, group: str, name: str, title: str, about: str, sql: str, example: Mapping[str, str] | None = None
    ) -> None:
        self.group = group
        self.name = name
        self.title = title
        self.about = about
        self.sql = sql.strip()
        self.example = example or {}


CHOICES: dict[str, str] = {
    "theme": "select id, label from themes order by label",
    "year": "select distinct year, year from conferences order by year",
    "not_year": "select distinct year, year from conferences order by year",
    "conference": "select id, year || ': ' || coalesce(subject, title) from conferences order by seq",
    "from": "select id, year || ': ' || coalesce(subject, title) from conferences order by seq",
    "to": "select id, year || ': ' || coalesce(subject, title) from conferences order by seq",
    "country": "select distinct country, country from appearances where country is not null order by country",
    "addressee": "select id, label from addressees order by label",
    "affected": "select id, label from affected_groups order by label",
    "modality": "select distinct modality, modality from recommendations order by modality",
    "document": "select id, id from documents order by seq",
    "status": "select distinct status, status from list_topics order by status",
}
"""Maps a parameter to the query of its values with their labels."""

ITEM = "r.id, r.year, r.kind, r.summary, r.modality, r.session, r.document, r.section"
ABOUT = "(:{0} = '' or r.id in (select id from recommendations_{1} where value = :{0}))"
OF_YEAR = "(:year = '' or {}.year = :year)"

QUESTIONS: dict[str, Question] = {
    q.name: q
    for q in (
        Question(
            "Recommendations",
            "recommendations-on-a-theme",
            "What was recommended on a theme?",
            "Items of every kind that are about the theme, in print order.",
            f"""
select {ITEM}
from list_recs r
where {ABOUT.format("theme", "themes")}
  and {OF_YEAR.format("r")}
order by r.seq""",
            {"theme": "compensation"},
        ),
        Question(
            "Recommendations",
            "who-is-asked-to-act",
            "What is a particular actor asked to do?",
            "Items that name the actor among those who should act.",
            f"""
select {ITEM}
from list_recs r
where {ABOUT.format("addressee", "addressees")}
  and {ABOUT.format("theme", "themes")}
order by r.seq""",
            {"addressee": "prosecutors"},
        ),
        Question(
            "Recommendations",
            "for-whom",
            "What is asked for a group of people?",
            "Items that name the group among the people concerned.",
            f"""
select {ITEM}
from list_recs r
where {ABOUT.format("affected", "affected")}
  and {OF_YEAR.format("r")}
order by r.seq""",
            {"affected": "children"},
        ),
        Question(
            "Recommendations",
            "how-binding",
            "How binding is the wording?",
            "Items by the force of the printed verb; the strongest words are must and imperative.",
            f"""
select {ITEM}
from list_recs r
where (:modality = '' or r.modality = :modality)
  and {ABOUT.format("theme", "themes")}
  and {OF_YEAR.format("r")}
order by r.seq""",
            {"modality": "must"},
        ),
        Question(
            CHANGE,
            "changes-between-two-conferences",
            "What changed between two conferences?",
            "Changes in each ask that occurs at both conferences, as noted by a reader of both documents.",
            """
select m.thread, m."from", m."to", m.changes, m.note, m.gained, m.lost
from list_moves m
where (:from = '' or m."from" = :from)
  and (:to = '' or m."to" = :to)
  and (:theme = '' or m.thread in (select id from threads_themes where value = :theme))
order by m.seq""",
            {"from": "2020", "to": "2022"},
        ),
        Question(
            CHANGE,
            "asks-over-the-years",
            "How did an ask develop over the years?",
            "Asks on the theme, with the years in which each was made or only noted.",
            """
select t.id as thread, t.pattern, t.items, t.summary, t.asked, t.noted, t.changes
from list_threads t
where (:theme = '' or t.id in (select id from threads_themes where value = :theme))
order by t.seq""",
            {"theme": "compensation"},
        ),
        Question(
            CHANGE,
            "asked-then-not-mentioned",
            "What was asked in one year and is not mentioned in another?",
            "Asks of one year that the documents of the other year do not mention.",
            """
select t.id as thread, t.pattern, t.summary, t.themes
from list_threads t
where (:year = '' or t.id in (select y.id from threads_years y where y.value = :year))
  and (:not_year = '' or t.id not in (select y.id from threads_years y where y.value = :not_year))
order by t.seq""",
            {"year": "2016", "not_year": "2022"},
        ),
        Question(
            "People and countries",
            "who-spoke-for-a-country",
            "Who spoke for a country?",
            "Appearances where the country is printed with the name or position.",
            f"""
select s.person, s.year, s.role, s.session, s.position, s.country, s.document
from list_speakers s
where (:country = '' or s.country = :country)
  and {OF_YEAR.format("s")}
order by s.seq""",
            {"country": "France"},
        ),
        Question(
            "People and countries",
            "who-spoke-where-a-theme-came-up",
            "Who spoke in the sessions that produced items on a theme?",
            "An item belongs to its session, not to a speaker; these are the people who took part in the session.",
            f"""
select s.person, s.year, s.role, s.session, s.position, s.country
from list_speakers s
where s.session in (
    select r.session from list_recs r where {ABOUT.format("theme", "themes")}
  )
  and {OF_YEAR.format("s")}
order by s.seq""",
            {"theme": "non-punishment"},
        ),
        Question(
            "People and countries",
            "people-who-came-back",
            "Who appeared at more than one conference?",
            "People with their years and roles.",
            """
select p.id as person, p.years, p.roles, p.countries, p.positions
from list_people p
where json_array_length(p.years) > 1
order by p.sort_name""",
        ),
        Question(
            "Figures, promises, disagreements",
            "figures-and-their-sources",
            "Which figures were cited, and from which source?",
            "Figures as printed, with the source that the document names.",
            f"""
select x.id, x.year, x.value, x.what, x.period, x.area, x.source, x.caveat, x.document, x.section
from list_statistics x
where (:theme = '' or x.id in (select id from statistics_themes where value = :theme))
  and {OF_YEAR.format("x")}
order by x.seq""",
            {"theme": "prosecution"},
        ),
        Question(
            "Figures, promises, disagreements",
            "where-the-documents-disagree",
            "Where do the documents disagree?",
            "Both values with their places, and which value the records use.",
            """
select d.id, d.topic, d.value_a, d.document_a, d.value_b, d.document_b, d.follows, d.reason
from list_discrepancies d
where :document in ('', d.document_a, d.document_b)
order by d.seq""",
        ),
        Question(
            "Figures, promises, disagreements",
            "what-was-promised",
            "What was promised, and what became of it?",
            "Commitments and planned activities, with a later record where the documents show one.",
            """
select id, year, who, what, by_when, fulfilled_by, document
from list_commitments
where (:year = '' or year = :year)
union all
select id, year, 'the office', what, "when", fulfilled_by, document
from list_activities
where (:year = '' or year = :year) and (status = 'planned' or fulfilled_by is not null)""",
        ),
        Question(
            "Programmes",
            "programme-of-a-conference",
            "What was the programme of a conference?",
            "Its sessions in order, with actual dates, or planned ones if a session was not held.",
            """
select s.id as session, s.type, s.number, s.date, s.start, s."end", s.organisers, s.people, s.recommendations, s.status
from list_sessions s
where (:conference = '' or s.conference = :conference) and s.type <> 'part'
order by s.seq""",
            {"conference": "2020"},
        ),
        Question(
            "Programmes",
            "announced-and-answered",
            "Which announced topics were answered?",
            "Topics in the programmes and concept notes, with the items that answer them.",
            """
select t.id, t.year, t.session, t.topic, t.status, t.answered_by, t.note
from list_topics t
where (:status = '' or t.status = :status)
order by t.seq""",
            {"status": "silent"},
        ),
    )
}
"""Maps the name of a question, which is its address, to the question, in the order of the start page."""
