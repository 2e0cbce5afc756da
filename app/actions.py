"""Everything a person can do in the window, as one table.

Menus, shortcuts, tooltips, the palette, the editor of keys and docs/keys.md are all made from
`ACTIONS`; a new action is one row and one method. `app.menus` makes Qt's actions from it.
"""

import re
from dataclasses import dataclass

from app.i18n import mark


@dataclass(frozen=True)
class ActionSpec:
    """One row.

    Parameters
    ----------
    name : str
        Key of the action.
    menu : str
        Top-level menu, in the order of first mention.
    text : str
        As the menu says it.
    keys : tuple of str
        Shortcuts in Qt's portable text, unless the person has chosen others; the first is shown.
    tip : str
        One sentence for tooltips and help.
    handler : str
        Dotted path from the window to a method without arguments, or with one bool if checkable.
    icon : str
        Material Design name; may be empty.
    checked : bool or None
        Starting state of a switch; None where it is none.
    needs : str
        What must be there: "", "project", "picture", "person", "step", or "track".
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...]
    tip: str
    handler: str
    icon: str = ""
    checked: bool | None = None
    needs: str = ""


FILE, REVIEW, STEPS, VIEW, HELP = "&File", "&Review", "&Steps", "&View", "&Help"
MENUS = (FILE, REVIEW, STEPS, VIEW, HELP)

ACTIONS = (
    ActionSpec("open", FILE, "&Open project…", ("Ctrl+O",), "Open a .diffannot file",
               "open_dialog", "folder-open-outline"),
    ActionSpec("open_sample", FILE, "Open the &sample project", (),
               "Open your copy of the sample that comes with DiffAnnot", "open_sample",
               "image-multiple-outline"),
    ActionSpec("new_project", FILE, "&New project from pictures…", (),
               "Make a project beside a folder of pictures", "arrivals.ask_for_folder",
               "folder-plus-outline"),
    ActionSpec("import", FILE, "&Import…", ("Ctrl+I",),
               "Add pictures, or persons from a data set; or drop them on the window",
               "arrivals.ask_for_files", "import"),
    ActionSpec("annotate_all", FILE, "&Annotate everyone", ("Ctrl+Shift+A",),
               "Find and refine the bodies of all, or of who is selected, in the background",
               "review.annotate_all", "auto-fix", needs="project"),
    ActionSpec("stop", FILE, "Stop &background work", ("Esc",),
               "Call off what is computed in the background; leave drawing or adjusting",
               "leave_or_stop", "stop-circle-outline"),
    ActionSpec("export", FILE, "&Export…", ("Ctrl+E", "E"),
               "Write a data set; Return writes it again as last time", "exports.ask",
               "export-variant", needs="project"),
    ActionSpec("report", FILE, "&Report", (),
               "Write a page on progress, reviewers, steps and the hardest persons, and open it",
               "exports.report", "file-chart-outline", needs="project"),
    ActionSpec("figure", FILE, "&Figure or movie…", (),
               "Draw rough and refined, the denoising, its curve or views, for a paper or a talk",
               "figures.ask", "image-frame", needs="person"),
    ActionSpec("settings", FILE, "Se&ttings…", ("Ctrl+,",),
               "Colours, language, who refines and suggests, your own body model",
               "dialogs.settings", "cog-outline"),
    ActionSpec("quit", FILE, "&Quit", ("Ctrl+Q",), "Close the window; everything is saved already",
               "close"),
    ActionSpec("accept", REVIEW, "&Accept the shown step", ("Return", "Space", "Enter"),
               "Accept what you see and go to the next undecided person", "accept_or_press",
               "check", needs="step"),
    ActionSpec("accept_suggested", REVIEW, "Accept the &suggestion", ("A",),
               "Accept the suggested step and go on", "review.decider.accept_suggested",
               "check-decagram-outline", needs="step"),
    ActionSpec("reject", REVIEW, "&Reject", ("R",),
               "Leave this person out of the dataset and go on", "review.decider.reject",
               "close", needs="person"),
    ActionSpec("flag", REVIEW, "&Flag", ("F",), "Put this person aside for a second look",
               "review.decider.flag", "flag-outline", needs="person"),
    ActionSpec("ask_second", REVIEW, "Ask for a second o&pinion", ("M",),
               "Mark this person for another reviewer and go on", "review.decider.ask_second",
               "account-question-outline", needs="person"),
    ActionSpec("remove", REVIEW, "Re&move this person's box", ("Del",),
               "Take the box out of the picture: there is nobody there", "review.decider.remove",
               "account-remove-outline", needs="person"),
    ActionSpec("find", REVIEW, "F&ilter the queue", ("Ctrl+F",),
               "Type what the queue shall show", "people.write_filter", "filter-variant",
               needs="project"),
    ActionSpec("select_all", REVIEW, "Select all s&hown in the queue", ("Ctrl+A",),
               "Decide on many at once: accept suggestions, reject, flag, tag",
               "people.select_all", needs="project"),
    ActionSpec("undo", REVIEW, "&Undo", ("Ctrl+Z",),
               "Undo the last decision and show whom it was on", "review.decider.undo", "undo",
               needs="project"),
    ActionSpec("redo", REVIEW, "Re&do", ("Ctrl+Y", "Ctrl+Shift+Z"), "Do again what was undone",
               "review.decider.redo", "redo", needs="project"),
    ActionSpec("next", REVIEW, "&Next person", ("N", "Down"), "Show the next person in the list",
               "review.walk.next_person", "arrow-down", needs="project"),
    ActionSpec("previous", REVIEW, "&Previous person", ("P", "Up"),
               "Show the person before in the list", "review.walk.previous_person", "arrow-up",
               needs="project"),
    ActionSpec("next_undecided", REVIEW, "S&kip to the next undecided", ("U", "Ctrl+N"),
               "Leave this person as they are and show the next without a decision",
               "review.walk.next_undecided", "skip-next-outline", needs="project"),
    ActionSpec("previous_undecided", REVIEW, "Back to the undecided &before", ("Shift+U",),
               "Show the person before who has no decision", "review.walk.previous_undecided",
               "skip-previous-outline", needs="project"),
    ActionSpec("next_flagged", REVIEW, "Next fla&gged person", ("Shift+F",),
               "Show the next person who was put aside", "review.walk.next_flagged",
               needs="project"),
    ActionSpec("next_disputed", REVIEW, "Next &disputed person", ("Shift+R",),
               "Show the next person on whom reviewers differ", "review.walk.next_disputed",
               needs="project"),
    ActionSpec("previous_disputed", REVIEW, "Disputed person before", ("Ctrl+Shift+R",),
               "Show the person before on whom reviewers differ", "review.walk.previous_disputed",
               needs="project"),
    ActionSpec("next_picture", REVIEW, "Next pict&ure", ("PgDown", "."),
               "Show the same track in the next frame, else the next picture",
               "review.walk.next_picture", "page-next-outline", needs="project"),
    ActionSpec("previous_picture", REVIEW, "Previous pictur&e", ("PgUp", ","),
               "Show the same track in the frame before, else the picture before",
               "review.walk.previous_picture", "page-previous-outline", needs="project"),
    ActionSpec("accept_range", REVIEW, "Accept the step for the range or trac&k",
               ("Shift+Return",),
               "Accept the shown step for all who are selected, else for the whole track",
               "timeline.accept", "check-all", needs="track"),
    ActionSpec("steady", REVIEW, "Stead&y the range or track", ("Shift+S",),
               "Draw the undecided who are selected, else of the track, towards their neighbours",
               "timeline.steady", "chart-bell-curve-cumulative", needs="track"),
    ActionSpec("range_on", REVIEW, "Range: one frame on", ("Shift+PgDown",),
               "Select from the shown frame on; A, R, F, M then decide on all",
               "timeline.range_on", needs="track"),
    ActionSpec("range_back", REVIEW, "Range: one frame back", ("Shift+PgUp",),
               "Select from the shown frame back", "timeline.range_back", needs="track"),
    ActionSpec("next_jump", REVIEW, "Next frame where the body jumps", ("Ctrl+PgDown",),
               "Go to where the track's joints are accelerated as no body is",
               "timeline.next_jump", "pulse", needs="track"),
    ActionSpec("select_track", REVIEW, "Select the whole &track", ("Ctrl+T",),
               "Select everybody of the track; A, R, F, M then decide on all",
               "timeline.select_track", "select-group", needs="track"),
    ActionSpec("join_tracks", REVIEW, "&Join with another track…", (),
               "Say that another track is the same human", "timeline.join", "call-merge",
               needs="track"),
    ActionSpec("split_track", REVIEW, "Split the track &here", (),
               "From this frame on it is somebody else", "timeline.split", "call-split",
               needs="track"),
    ActionSpec("draw", REVIEW, "Add a person: &drag a box", ("D",),
               "Add a person whom the list lacks: drag a box around them in the picture",
               "picture.draw_box", "account-plus-outline", False, needs="picture"),
    ActionSpec("adjust", REVIEW, "Ad&just box and keypoints", ("J",),
               "Drag the person's box, its edges, or a keypoint; the body is refined again",
               "picture.adjust", "vector-polyline-edit", False, needs="person"),
    ActionSpec("place", REVIEW, "P&lace a body by hand", ("Ctrl+P",),
               "Put an upright body into the box; Ctrl+drag moves it, Ctrl+Shift+drag turns it",
               "review.decider.place", "human-handsup", needs="person"),
    ActionSpec("step_on", STEPS, "Step &on", ("Right",), "One denoising step further",
               "steps.forward", needs="step"),
    ActionSpec("step_back", STEPS, "Step &back", ("Left",), "One denoising step back",
               "steps.back", needs="step"),
    ActionSpec("steps_on", STEPS, "Five steps on", ("Shift+Right",), "Five steps further",
               "steps.forward_five", needs="step"),
    ActionSpec("steps_back", STEPS, "Five steps back", ("Shift+Left",), "Five steps back",
               "steps.back_five", needs="step"),
    ActionSpec("first", STEPS, "&First: the rough annotation", ("Home",),
               "Step 0 is the rough annotation as it came", "steps.first", needs="step"),
    ActionSpec("last", STEPS, "&Last step", ("End",), "The strongest correction", "steps.last",
               needs="step"),
    ActionSpec("suggested", STEPS, "&Go to the suggestion", ("G",),
               "Show the step that the score proposes", "steps.suggested", "target", needs="step"),
    ActionSpec("suggest_parts", STEPS, "The suggested step of &every part", ("Shift+G",),
               "Take each part of the body from the step suggested for it",
               "review.mixer.suggest", needs="step"),
    ActionSpec("whole", STEPS, "&Whole body", ("0",), "Let the slider move the whole body",
               "review.mixer.whole", "human", needs="step"),
    ActionSpec("torso", STEPS, "&Torso and head", ("1",),
               "Let the slider move torso and head alone", "review.mixer.torso", needs="step"),
    ActionSpec("left_arm", STEPS, "Left &arm", ("2",), "Let the slider move the left arm alone",
               "review.mixer.left_arm", needs="step"),
    ActionSpec("right_arm", STEPS, "Ri&ght arm", ("3",), "Let the slider move the right arm alone",
               "review.mixer.right_arm", needs="step"),
    ActionSpec("left_leg", STEPS, "Left leg", ("4",), "Let the slider move the left leg alone",
               "review.mixer.left_leg", needs="step"),
    ActionSpec("right_leg", STEPS, "Right leg", ("5",), "Let the slider move the right leg alone",
               "review.mixer.right_leg", needs="step"),
    ActionSpec("release", STEPS, "Part goes with the &rest again", ("Backspace",),
               "Take its own step from the part, or, with the whole body chosen, from all parts",
               "review.mixer.release", "human-handsdown", needs="step"),
    ActionSpec("outline", VIEW, "&Outline", ("O",), "Draw the silhouette's edge",
               "picture.show_outline", "vector-square", True),
    ActionSpec("keypoints", VIEW, "&Keypoints", ("K",),
               "Draw the keypoints, each tied to the body point it belongs to",
               "picture.show_keypoints", "scatter-plot-outline", True),
    ActionSpec("everybody", VIEW, "&Everybody's bodies", ("Shift+O",),
               "Draw the other persons too, as decided or suggested; who is in front hides others",
               "others.switch", "account-group-outline", False),
    ActionSpec("fainter", VIEW, "&Fainter body", ("[",), "Let more of the picture through",
               "picture.fainter"),
    ActionSpec("stronger", VIEW, "&Stronger body", ("]",), "Let less of the picture through",
               "picture.stronger"),
    ActionSpec("zoom_in", VIEW, "Zoom &in", ("+", "="), "Zoom into the picture",
               "picture.zoom_in", "magnify-plus-outline"),
    ActionSpec("zoom_out", VIEW, "Zoom o&ut", ("-",), "Zoom out of the picture",
               "picture.zoom_out", "magnify-minus-outline"),
    ActionSpec("fit_person", VIEW, "Fit the &person", ("8",), "Show the person's surroundings",
               "picture.fit_person", "fit-to-page-outline"),
    ActionSpec("fit_picture", VIEW, "Fit the p&icture", ("9",), "Show the whole picture",
               "picture.fit_picture", "image-outline"),
    ActionSpec("camera", VIEW, "&Camera view", ("C",), "See the body as the camera does",
               "body.camera_view", "camera-outline"),
    ActionSpec("side", VIEW, "&Side view", ("S",),
               "See the body from its side, where depth errors show", "body.side_view",
               "human-handsdown"),
    ActionSpec("top", VIEW, "&Top view", ("T",), "See the body from above", "body.top_view",
               "arrow-collapse-down"),
    ActionSpec("orbit_left", VIEW, "Turn the body left", ("Alt+Left",),
               "Walk round the body alone", "body.orbit_left"),
    ActionSpec("orbit_right", VIEW, "Turn the body right", ("Alt+Right",),
               "Walk round the body alone", "body.orbit_right"),
    ActionSpec("orbit_up", VIEW, "See the body from higher up", ("Alt+Up",),
               "Rise over the body alone", "body.orbit_up"),
    ActionSpec("orbit_down", VIEW, "See the body from lower down", ("Alt+Down",),
               "Sink below the body alone", "body.orbit_down"),
    ActionSpec("above", VIEW, "Compare: one &above the other", ("X",),
               "Show another body above the shown one, by linked cameras; again to leave",
               "comparison.above", "compare-horizontal", needs="step"),
    ActionSpec("wipe", VIEW, "Compare: &wipe", ("W",),
               "Wipe from another body to the shown one by a line; again to leave",
               "comparison.wipe", needs="step"),
    ActionSpec("onion", VIEW, "Compare: o&nion skin", ("I",),
               "Show another body through the shown one; again to leave", "comparison.onion",
               needs="step"),
    ActionSpec("heat", VIEW, "Compare: &heat map", ("H",),
               "Colour the shown body by its distance from another; again to leave",
               "comparison.heat", needs="step"),
    ActionSpec("pin", VIEW, "Compare with this ste&p", ("Shift+X",),
               "Keep the shown step, to compare others with it", "comparison.pin", "pin-outline",
               needs="step"),
    ActionSpec("play", VIEW, "Pla&y the track", ("L",),
               "Play the track at its own speed, each body as decided or suggested; again to stop",
               "timeline.play", "play", needs="track"),
    ActionSpec("show_time", VIEW, "The ti&me axis", ("Ctrl+6",),
               "Show or hide the track along time", "panes.time.want", "timeline-outline", True),
    ActionSpec("show_queue", VIEW, "The &queue", ("Ctrl+1",), "Show or hide the list of persons",
               "panes.queue.want", "format-list-bulleted", True),
    ActionSpec("show_body", VIEW, "The &body alone", ("Ctrl+2",), "Show or hide the body alone",
               "panes.body.want", "human", True),
    ActionSpec("show_film", VIEW, "The fi&lm strip", ("Ctrl+3",),
               "Show or hide the small pictures of the steps", "panes.film.want",
               "filmstrip", True),
    ActionSpec("show_history", VIEW, "The &history", ("Ctrl+5",),
               "Show or hide what was decided, and go back or forth in it", "panes.history.want",
               "history", True),
    ActionSpec("show_inspector", VIEW, "The inspec&tor", ("Ctrl+4",),
               "Show or hide scores by body part, reason and source", "panes.inspector.want",
               "information-outline", True),
    ActionSpec("standard", VIEW, "Standard la&yout", ("Ctrl+0",),
               "Show all panels in their first sizes", "panes.reset", "view-dashboard-outline"),
    ActionSpec("system", VIEW, "Colours of the s&ystem", (), "Follow the system's scheme",
               "dialogs.colours_of_system"),
    ActionSpec("light", VIEW, "&Light colours", (), "Light scheme", "dialogs.colours_light"),
    ActionSpec("dark", VIEW, "&Dark colours", (), "Dark scheme", "dialogs.colours_dark"),
    ActionSpec("palette", HELP, "&Find an action or a person…", ("Ctrl+K", "Ctrl+Shift+P"),
               "Type a few letters of what you want", "dialogs.palette", "magnify"),
    ActionSpec("tour", HELP, "&Tour", (), "Four cards on how to review", "dialogs.tour",
               "map-marker-path", needs="step"),
    ActionSpec("keys", HELP, "&Keys", ("F1", "?"), "See all keys, and change them", "dialogs.keys",
               "keyboard-outline"),
)  # fmt: skip

HELD_KEYS = (
    ("V", mark("Peek"), mark("While held: the picture without the body")),
    ("B", mark("Blink"), mark("While held: the rough annotation in place of the shown step")),
)
"""Keys that act while they are down; the window watches for them itself."""

MOUSE = (
    (mark("Wheel, drag"), mark("Zoom at the pointer, and pan, in the picture")),
    (mark("Double click"), mark("Fit the person")),
    (mark("Drag in the body view"), mark("Orbit; the wheel zooms")),
    (mark("Ctrl+drag, Ctrl+wheel"), mark("Move the body by hand; nearer, farther")),
    (mark("Ctrl+Shift+drag, wheel"), mark("Turn and tilt the body by hand; roll it")),
    (mark("Click a box"), mark("Go to that person")),
)


def spec_named(name: str) -> ActionSpec:
    """Return the row of an action."""
    return _BY_NAME[name]


def plain(text: str) -> str:
    """Return a menu's text without its mnemonic and dots."""
    return unmarked(text).replace("…", "")


def unmarked(text: str) -> str:
    """Return a menu's text without its mnemonic."""
    return re.sub(r"\(&\w\)|&", "", text)


_BY_NAME = {spec.name: spec for spec in ACTIONS}
