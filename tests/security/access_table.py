"""Who may use which route. The one table: a route that is not in it fails the tests, and so does a row without a route.

`EVERYONE` is what makes a route public. A route that shows or changes one object is tried with an object that the roles in
its row may use: their own, or one in their scope. Whose objects are whose is tested in test_isolation.py.
"""

VISITOR, APPLICANT = "visitor", "applicant"
ROLES = (
    VISITOR,
    APPLICANT,
    "member",
    "coordinator",
    "mentor",
    "author",
    "organiser",
    "partner",
    "administrator",
)

EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE - {VISITOR}
MEMBERS = SIGNED_IN - {APPLICANT}
# Who sees other people's progress, each in their own scope.
FOLLOWERS = frozenset({"mentor", "administrator"})

TABLE: dict[str, frozenset[str]] = {
    # The whole
    "home.start": EVERYONE,
    "home.network": EVERYONE,
    "home.house_rules": EVERYONE,
    "home.privacy": EVERYONE,
    "home.accessibility": EVERYONE,
    "home.contact": EVERYONE,
    "home.help": EVERYONE,
    "home.language": EVERYONE,
    "home.search": EVERYONE,
    "courses.terms": EVERYONE,
    "home.alive": EVERYONE,
    "home.ready": EVERYONE,
    # Only in demo mode: does not exist in production
    "home.mailbox": EVERYONE,
    "home.mail": EVERYONE,
    "home.mail_attachment": EVERYONE,
    "home.styleguide": EVERYONE,
    # Accounts. Signing in, signing up and every mailed link are for whoever comes along; rate limits guard them
    "auth.sign_in": EVERYONE,
    "auth.enter": EVERYONE,
    "auth.demo_sign_in": EVERYONE,
    "auth.sign_out": EVERYONE,
    "auth.sign_up": EVERYONE,
    "auth.make_account": EVERYONE,
    "auth.municipalities": EVERYONE,
    "auth.check_mail": EVERYONE,
    "auth.resend": EVERYONE,
    "auth.confirm": EVERYONE,
    "auth.do_confirm": EVERYONE,
    "auth.renew": EVERYONE,
    "auth.forgot": EVERYONE,
    "auth.ask_reset": EVERYONE,
    "auth.forgot_sent": EVERYONE,
    "auth.reset": EVERYONE,
    "auth.do_reset": EVERYONE,
    "auth.profile": SIGNED_IN,
    "auth.save_profile": SIGNED_IN,
    "auth.apply_again": SIGNED_IN,
    "auth.password": SIGNED_IN,
    "auth.change_password": SIGNED_IN,
    "auth.email": SIGNED_IN,
    "auth.change_email": SIGNED_IN,
    "auth.sessions": SIGNED_IN,
    "auth.end_session": SIGNED_IN,
    "auth.end_all_sessions": SIGNED_IN,
    "auth.kept_form": SIGNED_IN,
    "auth.send_kept": SIGNED_IN,
    "auth.drop_kept": SIGNED_IN,
    # Modules: the first lesson of each is open, without answers being kept; the table is tried with the second
    "courses.list": EVERYONE,
    "courses.show": EVERYONE,
    "courses.file": MEMBERS,
    "learning.lesson": MEMBERS,
    "learning.start": MEMBERS,
    "learning.answer": MEMBERS,
    "learning.read": MEMBERS,
    "learning.rate": MEMBERS,
    "learning.start_check": MEMBERS,
    "learning.last_check": MEMBERS,
    "learning.check": MEMBERS,
    "learning.hand_in": MEMBERS,
    "learning.save_check": MEMBERS,
    # One's own: notes, reflections, reminders, and what is read on paper
    "learning.block_note": MEMBERS,
    "learning.keep_block_note": MEMBERS,
    "learning.notes": MEMBERS,
    "learning.export_notes": MEMBERS,
    "learning.reflections": MEMBERS,
    "learning.share_reflection": MEMBERS,
    "learning.unshare_reflection": MEMBERS,
    "learning.rhythm": MEMBERS,
    "learning.choose_rhythm": MEMBERS,
    "learning.stop_reminders": EVERYONE,
    "learning.do_stop_reminders": EVERYONE,
    "learning.lesson_pdf": MEMBERS,
    "learning.course_pdf": MEMBERS,
    # Action days
    "events.list": EVERYONE,
    "events.feed": EVERYONE,
    "events.show": EVERYONE,
    "events.calendar": EVERYONE,
    "events.register": MEMBERS,
    "events.confirm_cancel": SIGNED_IN,
    "events.cancel": SIGNED_IN,
    "events.mine": SIGNED_IN,
    "events.renew_feed": SIGNED_IN,
    # One's own registration on a day, whoever one is; without one there is nothing to change
    "events.edit": SIGNED_IN,
    "events.change": SIGNED_IN,
    "events.answer": SIGNED_IN,
    "events.give": SIGNED_IN,
    "events.pass_on": SIGNED_IN,
    "events.move": SIGNED_IN,
    # For colleagues of one's own organisation
    "events.colleagues": MEMBERS,
    "events.invite": MEMBERS,
    # Whoever has the signed address: mailed links, and a calendar that cannot sign in
    "events.link": EVERYONE,
    "events.use_link": EVERYONE,
    "events.join": EVERYONE,
    "events.take_part": EVERYONE,
    "events.own_feed": EVERYONE,
    # Certificates: whoever has the number may check it; the paper and the badge are for its holder
    "recognition.find": EVERYONE,
    "recognition.check": EVERYONE,
    "recognition.revocations": EVERYONE,
    "recognition.keys": EVERYONE,
    "recognition.issuer": EVERYONE,
    "recognition.mine": MEMBERS,
    "recognition.pdf": MEMBERS,
    "recognition.badge": MEMBERS,
    "recognition.show_name": MEMBERS,
    "recognition.revoke": frozenset({"administrator"}),
    # Following participants and letting applicants in
    "mentoring.overview": FOLLOWERS,
    "mentoring.export": FOLLOWERS,
    "mentoring.participant": FOLLOWERS,
    "mentoring.applications": FOLLOWERS,
    "mentoring.admit": FOLLOWERS,
    "mentoring.confirm_refuse": FOLLOWERS,
    "mentoring.refuse": FOLLOWERS,
}
ONLY_IN_DEMO = frozenset({"home.mailbox", "home.mail", "home.mail_attachment", "home.styleguide"})
