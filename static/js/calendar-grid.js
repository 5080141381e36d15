// The grid: FullCalendar with our own events, day heads and toolbar. Times come as the reader's wall clock and are
// handled as if they were UTC, so that no zone has to be known here. Dragging makes an event, moves one or makes it longer.
import { moveEvent, openEvent } from "./calendar-event.js";

const VIEWS = { month: "dayGridMonth", week: "timeGridWeek", day: "timeGridDay" };

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function icon(name, className = "i") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const sprite = document.querySelector("svg.i use").getAttribute("href").split("#")[0];
  svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use")).setAttribute("href", `${sprite}#${name}`);
  return svg;
}

const dayPath = (date) => `/calendar/?view=day&date=${date.toISOString().slice(0, 10)}`;

function eventContent({ event, view }) {
  const facts = event.extendedProps;
  // What is being drawn with the pointer is no event yet.
  if (facts.time === undefined) return { domNodes: [element("span", "ev-in", "New event")] };
  const box = element("span", "ev-in");
  const title = element("span", "ev-t", event.title);
  title.prepend(element("span", "vh", `${facts.account}: `));
  if (facts.conflict) title.prepend(icon("triangle-alert", "i ev-c"), element("span", "vh", "Conflict: "));
  const [from, to] = facts.time.split("–");
  const when = element("span", "ev-m");
  if (facts.time && !event.allDay) {
    const time = element("time", "", from);
    if (to && view.type !== "dayGridMonth") time.append(element("span", "ev-end", `–${to}`));
    when.append(time);
  }
  if (facts.place && view.type !== "dayGridMonth") when.append(element("span", "ev-p", `, ${facts.place}`));
  if (!when.childNodes.length) box.append(title);
  else if (view.type === "dayGridMonth") box.append(when, title);
  else box.append(title, " ", when);
  if (facts.note) {
    const note = element("span", "ev-x");
    note.append(icon(facts.icon), document.createTextNode(facts.note));
    box.append(note);
  }
  return { domNodes: [box] };
}

const WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const WHOLE = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });

function dayHead({ date, view }) {
  const head = [element("span", "", WEEKDAY.format(date))];
  if (view.type !== "dayGridMonth") head.push(document.createTextNode(" "), element("span", "dh-n num", String(date.getUTCDate())));
  return { domNodes: head };
}

// FullCalendar's heads, numbers and "+2 more" are anchors that lead nowhere: these lead to their day.
function lead(anchor, date, label) {
  if (!anchor) return;
  anchor.href = dayPath(date);
  anchor.removeAttribute("tabindex");
  anchor.removeAttribute("aria-expanded");
  anchor.removeAttribute("aria-controls");
  if (label) anchor.setAttribute("aria-label", label);
}

function dayHeadMounted({ el, date, view }) {
  if (view.type !== "dayGridMonth") lead(el.querySelector("a"), date, `${WEEKDAY.format(date)} ${MONTH.format(date)}`);
}

function dayMounted({ el, date, view }) {
  if (view.type !== "dayGridMonth") return;
  el.removeAttribute("aria-labelledby");
  lead(el.querySelector("a.fc-daygrid-day-number"), date, WHOLE.format(date));
}

const QUARTER = 15 * 60 * 1000;

function select({ start, end, startStr, endStr, allDay, jsEvent }) {
  const cut = allDay ? 10 : 19;
  const query = new URLSearchParams({ start: startStr.slice(0, cut) });
  // A click points at a quarter of an hour and means when it starts.
  if (end - start > QUARTER) query.set("end", endStr.slice(0, cut));
  openEvent(`/calendar/new/?${query}`, jsEvent ? new DOMRect(jsEvent.clientX, jsEvent.clientY, 0, 0) : null);
}

export function drawGrid(place, section, onPhone) {
  let known = JSON.parse(document.getElementById("grid-events").textContent);
  let shown = JSON.stringify(known);
  const view = onPhone && section.dataset.view === "week" ? "day" : section.dataset.view;
  const hour = { hour: place.dataset.hour12 === undefined ? "2-digit" : "numeric", hour12: place.dataset.hour12 !== undefined };
  const now = place.dataset.now;
  const calendar = new FullCalendar.Calendar(place, {
    initialView: VIEWS[view],
    initialDate: section.dataset.date,
    timeZone: "UTC",
    now,
    firstDay: Number(place.dataset.weekStart),
    headerToolbar: false,
    height: "100%",
    fixedWeekCount: false,
    nowIndicator: true,
    allDayText: "All day",
    scrollTime: scrollTime(known),
    slotDuration: "00:15:00",
    slotLabelInterval: "01:00",
    slotLabelFormat: hour,
    eventMinHeight: 16,
    slotEventOverlap: false,
    eventOrder: "start,-duration,title",
    dayMaxEvents: view === "month" ? true : 4,
    moreLinkContent: ({ num }) => `+${num} more`,
    moreLinkDidMount: ({ el }) => {
      const day = el.closest("[data-date]");
      if (day) lead(el, new Date(`${day.dataset.date}T00:00:00Z`));
    },
    moreLinkClick: () => true,
    eventContent,
    dayHeaderContent: dayHead,
    dayHeaderDidMount: dayHeadMounted,
    dayCellContent: ({ date, view }) => (view.type === "dayGridMonth" ? String(date.getUTCDate()) : ""),
    dayCellDidMount: dayMounted,
    eventDidMount: ({ el }) => { el.dataset.event = ""; },
    selectable: place.dataset.writable !== undefined,
    selectMirror: true,
    select,
    forceEventDuration: true,
    eventDrop: moveEvent,
    eventResize: moveEvent,
    events: (_, success) => success(known),
  });
  calendar.render();
  return {
    destroy: () => calendar.destroy(),
    async refresh() {
      const { activeStart, activeEnd } = calendar.view;
      const query = new URLSearchParams({ start: activeStart.toISOString().slice(0, 10), end: activeEnd.toISOString().slice(0, 10) });
      const answer = await fetch(`/calendar/events/?${query}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      if (text === shown) { calendar.unselect(); return; }
      shown = text;
      known = JSON.parse(text);
      calendar.refetchEvents();
    },
  };
}

// Where the day begins to matter: an hour before the first event, at most eight o'clock.
function scrollTime(events) {
  const starts = events.filter((event) => !event.allDay).map((event) => Number(event.start.slice(11, 13)));
  const first = Math.max(0, Math.min(8, ...starts.filter((hour) => hour >= 5)) - 1);
  return `${String(first).padStart(2, "0")}:00:00`;
}
