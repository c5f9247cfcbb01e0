-- All joins of the program are here, once: the command line, the library, the exports, Datasette and the reader's
-- own SQL see the same rows. There is one view `list_NOUN` per listing; `seq` is the print order. In the lists of themes
-- and threads, the build adds one column per conference year. A `cross join` keeps the order of its two tables, so that
-- the rows come in print order without sorting.

create view list_conferences as
select
    c.seq, c.id, c.number, c.year, c.title, c.held_start as start, c.held_end as "end", c.planned_start, c.planned_end,
    c.city, c.venue, c.format, c.languages, c.hashtag, c.url, c.participation,
    (select count(*) from sessions s where s.conference = c.id and s.type not in ('part', 'break', 'social')) as sessions,
    (select count(distinct a.person) from appearances a join sessions s on s.id = a.session where s.conference = c.id)
        as people,
    (select count(*) from recommendations r join sessions s on s.id = r.session where s.conference = c.id)
        as recommendations,
    c.subject, c.document, c.section, c.item, c.pack
from conferences c;

create view list_sessions as
select
    s.seq, s.id, s.conference, s.year, s.type, s.number, s.title,
    coalesce(s.held_date, s.planned_date) as date,
    case when s.held_date is null then s.planned_start else s.held_start end as start,
    case when s.held_date is null then s.planned_end else s.held_end end as "end",
    s.organisers, s.document, s.section, s.item,
    case
        when s.type = 'part' then 'part of a report'
        when s.type in ('break', 'social') and s.held_date is null then 'planned only'
        else 'held'
    end as status,
    s.planned_date, s.planned_start, s.planned_end, s.held_date, s.held_start, s.held_end,
    (select json_group_array(topic) from (select t.topic from topics t where t.session = s.id order by t.seq)) as topics,
    s.summary, s.video,
    (select count(distinct a.person) from appearances a where a.session = s.id) as people,
    (select count(*) from recommendations r where r.session = s.id) as recommendations,
    s.planned_document, s.planned_section, s.note, s.pack
from sessions s;

create view list_speakers as
select
    a.seq, a.person, p.name, a.role, a.session, s.title as session_title, s.year, a.position, o.name as organization,
    a.country, a.survivor, a.document, a.section, a.item, a.id, a.organization as organization_id, a.honorific,
    a.name_as_printed, a.also_printed, a."order", a.attribution, a.pack
from appearances a
join people p on p.id = a.person
cross join sessions s on s.id = a.session
left join organizations o on o.id = a.organization;

create view list_people as
select
    p.seq, p.id, p.name,
    (select json_group_array(year) from (
        select distinct s.year
        from appearances a join sessions s on s.id = a.session
        where a.person = p.id order by s.year)) as years,
    (select json_group_array(role) from (
        select a.role from appearances a where a.person = p.id group by a.role order by min(a.seq))) as roles,
    (select json_group_array(country) from (
        select a.country from appearances a
        where a.person = p.id and a.country is not null group by a.country order by min(a.seq))) as countries,
    (select json_group_array(position) from (
        select s.year || ': ' || a.position as position
        from appearances a join sessions s on s.id = a.session
        where a.person = p.id and a.position is not null group by s.year, a.position order by min(a.seq))) as positions,
    (select count(*) from appearances a where a.person = p.id) as appearances,
    (select count(*) from statements t where t.speaker = p.id)
        + (select count(*) from statements_speakers l where l.value = p.id) as statements,
    p.sort_name, p.spellings,
    (select max(a.survivor) from appearances a where a.person = p.id) as survivor,
    p.pseudonym, p.note, p.document, p.section, p.item, p.pack, p.distinct_from
from people p;

create view list_organizations as
select
    o.seq, o.id, o.name, o.acronym, o.kind, o.country,
    (select count(*) from appearances a where a.organization = o.id) as appearances,
    (select count(*) from sessions_organisers l where l.value = o.id) as sessions, o.part_of, o.aliases, o.pack
from organizations o;

create view list_themes as
select
    t.seq, t.id as slug, t.label, t.broader,
    (select coalesce(sum(k.items), 0) from theme_kinds k where k.theme = t.id) as recommendations,
    {years},
    t.alternative_labels, t.labels, t.scope_note, t.since, t.pack
from themes t;

create view list_recs as
select
    r.seq, r.id, r.year, s.conference, r.session, r.kind, r.number, r.summary, r.themes, r.addressees, r.affected,
    r.modality, m.thread, r.document, r.section, r.item,
    coalesce(d.url, case when c.document = r.document then c.url end) as url, r.heading, m.change,
    coalesce(m.threads, '[]') as threads, r.attributed_to, s.title as session_title, r.illustrates, r.other_sessions,
    r.keywords, r.pack
from recommendations r
join sessions s on s.id = r.session
join conferences c on c.id = s.conference
join documents d on d.id = r.document
left join item_threads m on m.seq = r.seq;

create view list_threads as
select
    t.seq, t.id, t.label,
    {states},
    y.pattern, y.items, t.themes, t.summary, y.asked, y.noted, y.years, y.changes, t.followed_by, t.pack
from threads t
join thread_years y on y.thread = t.id;

create view list_moves as
select
    m.seq, m.id, m.thread, t.label, m."from", m."to", m.changes, m.note, m.gained, m.lost, m.pack
from moves m
join threads t on t.id = m.thread;

create view list_statistics as
select
    x.seq, x.id, x.year, x.value, x.what, x.period, x.area, x.source, x.number, x.unit, x.footnote, x.caveat,
    x.session, x.themes, x.document, x.section, x.item, x.pack
from statistics x;

create view list_instruments as
select
    i.seq, i.id, i.name, i.symbol, i.kind, i.year, i.adopted_by,
    (select count(*) from citations c where c.instrument = i.id) as cited,
    (select json_group_array(place) from (
        select c.document || ': ' || c.section as place from citations c where c.instrument = i.id order by c.seq))
        as cited_in,
    i.document, i.section, i.item, i.pack
from instruments i;

create view list_publications as
select
    p.seq, p.id, p.title, p.kind, p.year, p.author, p.publisher, p.place, p.url, p.other_urls, p.summary, p.themes,
    (select count(*) from citations c where c.publication = p.id) as cited,
    (select json_group_array(place) from (
        select c.document || ': ' || c.section as place from citations c where c.publication = p.id order by c.seq))
        as cited_in,
    p.session, p.document, p.section, p.item, p.pack
from publications p;

create view list_statements as
select
    t.seq, t.id, t.year,
    coalesce(p.name, (
        select group_concat(q.name, ', ') from json_each(t.speakers) join people q on q.id = json_each.value),
        t.speaker_as_printed, t.account) as name,
    t.medium, t.gist, t.speaker, t.speakers, t.speaker_as_printed, t.account, t.date, t.time, t.session, t.themes, t.document, t.section, t.item, t.pack
from statements t
left join people p on p.id = t.speaker;

create view list_activities as
select
    a.seq, a.id, a.year, a.type, a.what, a."when", a."where", a.partners, a.status, a.fulfilled_by, a.themes,
    a.document, a.section, a.item, a.pack
from activities a;

create view list_commitments as
select
    c.seq, c.id, c.year, c.who, c.what, c.by_when, c.fulfilled_by, c.fulfilled_note, c.themes, c.document, c.section,
    c.item, c.pack
from commitments c;

create view list_discrepancies as
select
    d.seq, d.id, d.topic, d.value_a, d.document_a, d.section_a, d.value_b, d.document_b, d.section_b, d.follows,
    d.reason, d.records, d.pack
from discrepancies d;

create view list_abbreviations as
select a.seq, a.id, a.short, a.long, a.document, a.section, a.item, a.pack
from abbreviations a;

create view list_documents as
select
    d.seq, d.id, d.year, d.kind, d.title, d.conference, d.publisher, d.published, d.url, d.citation, d.licence,
    d.disclaimer,
    (select count(*) from recommendations r where r.document = d.id) as recommendations,
    (select count(*) from appearances a where a.document = d.id) as appearances,
    (select count(*) from statistics x where x.document = d.id) as statistics,
    d.note, d.pack
from documents d;

create view list_topics as
select
    t.seq, t.id, s.year, t.session, t.topic,
    case when t.answered_by <> '[]' then 'answered' when t.elsewhere is not null then 'in prose or figures only'
        else 'silent' end as status,
    t.answered_by, t.elsewhere, t.note, t.document, t.section, t.item, t.pack
from topics t
cross join sessions s on s.id = t.session;

create view list_distinctions as
select d.seq, d.id, d.items, d.reason, d.pack
from distinctions d;
